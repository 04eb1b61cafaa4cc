import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hashBytes } from '../../../toolkit/host/hash-file.ts';
import { proxiesOf } from '../../../toolkit/download/proxy-dispatcher.ts';
import { keepInStore, storedFile } from '../../../toolkit/download/store.ts';
import { sweepStore } from '../../../toolkit/download/sweep-store.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

test('a proxy in lower case goes before one in upper case, as for curl', () => {
  const env = { http_proxy: 'low:1', HTTP_PROXY: 'up:2', HTTPS_PROXY: 'https://up:3', no_proxy: 'a' };
  expect(proxiesOf(env)).toEqual({ http: 'http://low:1', https: 'https://up:3', none: 'a' });
  expect(proxiesOf({})).toEqual({ http: '', https: '', none: '' });
});

test('leftovers are removed after a day, and nothing else', async () => {
  const dir = scratchDir();
  const left = ['tmp/old', 'tmp/new', 'trees/.demo.tmp', 'trees/demo', 'sources/.demo'];
  writeFiles(dir, Object.fromEntries(left.map((name) => [`${name}/file`, ''])));
  const hoursAgo = (hours: number): Date => new Date(Date.now() - hours * 3600 * 1000);
  for (const name of left) utimesSync(join(dir, name), hoursAgo(25), hoursAgo(25));
  utimesSync(join(dir, 'tmp/new'), hoursAgo(23), hoursAgo(23));
  await sweepStore(dir);
  expect(left.filter((name) => existsSync(join(dir, name)))).toEqual([
    'tmp/new',
    'trees/demo',
    'sources/.demo',
  ]);
});

test('a file of the store whose bytes have changed is removed', async () => {
  const dir = scratchDir();
  const sha256 = hashBytes('whole');
  writeFileSync(join(dir, 'new'), 'whole');
  const kept = await keepInStore(dir, join(dir, 'new'), sha256, 'demo.tar');
  expect(await storedFile(dir, sha256)).toEqual(kept);
  writeFileSync(kept.file, 'whale');
  expect(await storedFile(dir, sha256)).toBeUndefined();
  expect(readdirSync(join(dir, 'sources', sha256))).toEqual([]);
});
