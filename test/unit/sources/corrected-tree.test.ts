import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ResolvedSource } from '../../../toolkit/download/resolved-source.ts';
import { correctedTree } from '../../../toolkit/sources/corrected-tree.ts';
import { corrections, correctionsFor, type Correction } from '../../../toolkit/sources/corrections.ts';
import { tarOf } from './archives.ts';
import { sha256Of } from './misbehaving-server.ts';
import { rejectionOf, sourceRig, type SourceRig } from './source-rig.ts';

const row: Correction = {
  component: 'libcap',
  since: '1.0',
  until: '1.5',
  file: 'src/a.c',
  from: 'return 1;',
  to: 'return 2;',
  reason: 'it returns the wrong number',
  upstream: 'https://example.org/1',
};
const other: Correction = { ...row, from: 'int a', to: 'long a', reason: 'it is too short' };
const made = ({ file, reason, upstream }: Correction) => ({ file, reason, upstream });

const SOURCE = 'int a(void) { return 1; }\n';

function tarball(rig: SourceRig, text = SOURCE, version: string | undefined = '1.2'): ResolvedSource {
  const bytes = tarOf([
    { path: 'libcap/', type: '5' },
    { path: 'libcap/Make.Rules', body: 'VERSION=1\nMINOR=9\n' },
    { path: 'libcap/src/', type: '5' },
    { path: 'libcap/src/a.c', body: text },
  ]);
  const sha256 = sha256Of(bytes);
  const file = join(rig.dir, 'libcap.tar');
  writeFileSync(file, bytes);
  const files = [{ name: 'libcap.tar', sha256, sizeBytes: bytes.length, file }];
  return { component: 'libcap', kind: 'url', form: 'tarball', version, origin: 'a test', sha256, files };
}

function usersTree(rig: SourceRig, text = SOURCE): ResolvedSource {
  const treeDir = join(rig.dir, 'mine');
  mkdirSync(join(treeDir, 'src'), { recursive: true });
  mkdirSync(join(treeDir, '.git'));
  writeFileSync(join(treeDir, '.git/index'), 'git');
  writeFileSync(join(treeDir, 'src/a.c'), text);
  chmodSync(join(treeDir, 'src/a.c'), 0o555);
  return {
    component: 'libcap',
    kind: 'tree',
    form: 'tree',
    version: '1.2',
    origin: treeDir,
    sha256: sha256Of(Buffer.from(text)),
    files: [],
    treeDir,
  };
}

describe('the source of a release with a bug', () => {
  test('is corrected in a copy, which the next build finds', async () => {
    const rig = sourceRig();
    const source = tarball(rig);
    const first = await correctedTree(source, rig.context, [row, other]);
    expect(first.corrections).toEqual([made(row), made(other)]);
    expect(readFileSync(join(first.dir, 'src/a.c'), 'utf8')).toBe('long a(void) { return 2; }\n');
    expect(readFileSync(join(first.dir, 'Make.Rules'), 'utf8')).toBe('VERSION=1\nMINOR=9\n');
    expect(statSync(join(first.dir, 'src/a.c')).mode & 0o777).toBe(0o444);
    expect(rig.list('trees')).toHaveLength(2);
    const { mtimeMs } = statSync(join(first.dir, 'src/a.c'));
    const again = await correctedTree(source, rig.context, [row, other]);
    expect(again).toEqual(first);
    expect(statSync(join(again.dir, 'src/a.c')).mtimeMs).toBe(mtimeMs);
    const fewer = await correctedTree(source, rig.context, [row]);
    expect(readFileSync(join(fewer.dir, 'src/a.c'), 'utf8')).toBe('int a(void) { return 2; }\n');
    const plain = await correctedTree(source, rig.context, []);
    expect(readFileSync(join(plain.dir, 'src/a.c'), 'utf8')).toBe(SOURCE);
  });

  test("in a directory of the user's is left as it is", async () => {
    const rig = sourceRig();
    const source = usersTree(rig);
    const { dir, corrections: found } = await correctedTree(source, rig.context, [row]);
    expect(found).toEqual([made(row)]);
    expect(dir.startsWith(rig.context.workDir)).toBe(true);
    expect(readFileSync(join(dir, 'src/a.c'), 'utf8')).toBe('int a(void) { return 2; }\n');
    expect(statSync(join(dir, 'src/a.c')).mode & 0o777).toBe(0o555);
    expect(existsSync(join(dir, '.git'))).toBe(false);
    expect(readFileSync(join(rig.dir, 'mine/src/a.c'), 'utf8')).toBe(SOURCE);
    expect(readdirSync(join(rig.dir, 'mine')).sort()).toEqual(['.git', 'src']);
    writeFileSync(join(dir, 'left-over'), '');
    expect(existsSync(join((await correctedTree(source, rig.context, [row])).dir, 'left-over'))).toBe(false);
  });

  test('that has the corrected text already is compiled as it is', async () => {
    const rig = sourceRig();
    const source = usersTree(rig, 'int a(void) { return 2; }\n');
    expect(await correctedTree(source, rig.context, [row])).toEqual({ dir: source.treeDir, corrections: [] });
  });

  test('without the text stops the build and says what the correction is for', async () => {
    const rig = sourceRig();
    const source = usersTree(rig, 'int a(void) { return 3; }\n');
    expect(await rejectionOf(correctedTree(source, rig.context, [row]))).toMatchObject({
      code: 'STEP_FAILED',
      message: 'src/a.c of this libcap 1.2 does not have the text that lxc-kit corrects in it',
      lines: [
        'expected  return 1;',
        'or        return 2;',
        `in        ${source.origin}`,
        'the correction is needed because it returns the wrong number (https://example.org/1)',
      ],
      hint: 'take the unchanged source of libcap 1.2, or write the second text into yours',
    });
    const missing = { ...row, file: 'src/none.c' };
    expect((await rejectionOf(correctedTree(source, rig.context, [missing]))).message).toMatch(
      /^src\/none\.c of/,
    );
  });
});

test('the release is that of the tree where the name does not say it', async () => {
  const rig = sourceRig();
  const unnamed = { ...tarball(rig), version: undefined };
  const later = { ...row, since: '1.9', until: '1.9' };
  const { corrections: found } = await correctedTree(unnamed, rig.context, [row, later]);
  expect(found).toEqual([made(later)]);
});

test('corrections are for one component and its releases', () => {
  const rows = [row, { ...row, component: 'busybox', since: '2.0', until: '2.0' } as const];
  const reasons = (component: string, version?: string) =>
    correctionsFor(component, version, rows).map(({ since }) => since);
  expect(reasons('libcap', '1.0')).toEqual(['1.0']);
  expect(reasons('libcap', '1.5')).toEqual(['1.0']);
  expect(reasons('libcap', '1.5.1')).toEqual([]);
  expect(reasons('busybox', '2.0')).toEqual(['2.0']);
  expect(reasons('busybox')).toEqual(['2.0']);
  expect(reasons('kernel')).toEqual([]);
});

test.each(corrections)(
  'the row for $file of $component makes sense',
  ({ from, to, upstream, since, until }) => {
    // Otherwise a corrected source would look like one with the bug, or the other way round.
    expect(to).not.toContain(from);
    expect(from).not.toContain(to);
    expect(upstream).toMatch(/^https:\/\//);
    expect([since, until]).not.toContain(undefined);
  },
);
