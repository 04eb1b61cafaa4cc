import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Fingerprint } from '../../../toolkit/engine/fingerprint.ts';
import { PortablePaths } from '../../../toolkit/engine/portable-paths.ts';
import { hashBytes } from '../../../toolkit/host/hash-file.ts';
import { openSealed, sealText } from '../../../toolkit/host/sealed-text.ts';
import { LocalResults } from '../../../toolkit/results/local-results.ts';
import { describeTree } from '../../rigs/describe-tree.ts';
import { scratchDir } from '../scratch.ts';

const fingerprint: Fingerprint = { id: 'one', revision: 1, settings: {}, files: {}, needs: {} };

/** A store with the result of one step, which left a folder in an out directory that is gone. */
async function stored() {
  const dir = scratchDir();
  const out = join(dir, 'out');
  const made = join(out, 'config');
  mkdirSync(made, { recursive: true });
  writeFileSync(join(made, 'kernel.config'), 'CONFIG_A=y\n');
  const storeDir = join(dir, 'store');
  const results = new LocalResults(storeDir);
  const result = { file: '\0out/config/kernel.config' };
  await results.keep(
    fingerprint,
    {
      outputs: [{ path: made }],
      result,
      digest: 'the digest',
      seconds: 1,
      warnings: [],
      unchanged: () => Promise.resolve(true),
    },
    new PortablePaths({ out }),
  );
  rmSync(out, { recursive: true });
  return {
    storeDir,
    elsewhere: join(dir, 'other'),
    results,
    places: new PortablePaths({ out: join(dir, 'other') }),
  };
}

const filesOf = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' }).map((name) => join(dir, name));

test('a look says what a result is and which files it has, in the place that is asked for', async () => {
  const { results, places, elsewhere, storeDir } = await stored();
  const before = describeTree(storeDir);
  const ready = await results.lookUp(fingerprint, places);
  const file = join(elsewhere, 'config', 'kernel.config');
  expect(ready).toMatchObject({ result: { file }, digest: 'the digest' });
  expect(ready?.hashOf(file)).toBe(hashBytes('CONFIG_A=y\n'));
  expect(ready?.hashOf(join(elsewhere, 'config', 'other.config'))).toBe('missing');
  expect(ready?.hashOf(join(elsewhere, 'configs'))).toBeUndefined();
  expect(describeTree(storeDir)).toEqual(before);
});

test('a look finds nothing where there is nothing, where it is of something else, and where a file is gone', async () => {
  const { results, places, storeDir } = await stored();
  expect(await results.lookUp({ ...fingerprint, revision: 2 }, places)).toBeUndefined();
  const [entry = ''] = filesOf(join(storeDir, 'results', 'ac'));
  const good = readFileSync(entry);
  const text = openSealed(good.toString()) ?? '';
  const other = sealText(JSON.stringify({ ...(JSON.parse(text) as object), fingerprint: {} }));
  for (const content of ['{', text, other]) {
    writeFileSync(entry, content);
    expect(await results.lookUp(fingerprint, places)).toBeUndefined();
    // Whoever takes results removes it; who looks does not.
    expect(readFileSync(entry, 'utf8')).toBe(content);
  }
  writeFileSync(entry, good);
  expect(await results.lookUp(fingerprint, places)).toBeDefined();
  rmSync(join(storeDir, 'results', 'cas'), { recursive: true });
  expect(await results.lookUp(fingerprint, places)).toBeUndefined();
});

test('keeps no file that changes while it is taken', async () => {
  const out = join(scratchDir(), 'out');
  mkdirSync(out);
  const results = new LocalResults(join(out, 'store'));
  writeFileSync(join(out, 'vmlinux'), 'a kernel');
  const made = {
    outputs: [{ path: join(out, 'vmlinux') }],
    result: null,
    digest: 'the digest',
    seconds: 1,
    warnings: [],
  };
  const keep = (same: boolean) =>
    results.keep(
      fingerprint,
      { ...made, unchanged: () => Promise.resolve(same) },
      new PortablePaths({ out }),
    );
  expect(await keep(false)).toBeUndefined();
  expect(await results.find(fingerprint)).toBeUndefined();
  expect(await keep(true)).toBeDefined();
  expect(await results.find(fingerprint)).toBeDefined();
});
