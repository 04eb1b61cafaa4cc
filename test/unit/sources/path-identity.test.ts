import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pathIdentity } from '../../../toolkit/sources/path-identity.ts';
import { scratchDir } from './source-rig.ts';

function sampleTree(): string {
  const dir = scratchDir();
  mkdirSync(join(dir, 'src'));
  mkdirSync(join(dir, '.git'));
  writeFileSync(join(dir, 'src/a.c'), 'int a;');
  writeFileSync(
    Buffer.concat([Buffer.from(`${dir}/src/`), Buffer.from([0xe9, 0x2e, 0x63])]),
    'a name that is no UTF-8',
  );
  symlinkSync('a.c', join(dir, 'src/link'));
  return dir;
}

test.each<[string, (dir: string) => void]>([
  [
    'is written to',
    (dir) => {
      writeFileSync(join(dir, 'src/a.c'), 'int b;');
    },
  ],
  [
    'gets another mode',
    (dir) => {
      chmodSync(join(dir, 'src/a.c'), 0o755);
    },
  ],
  [
    'gets another time',
    (dir) => {
      utimesSync(join(dir, 'src/a.c'), 1, 1);
    },
  ],
  [
    'is renamed',
    (dir) => {
      renameSync(join(dir, 'src/a.c'), join(dir, 'src/b.c'));
    },
  ],
  [
    'is added',
    (dir) => {
      writeFileSync(join(dir, 'src/new.c'), '');
    },
  ],
  [
    'is removed',
    (dir) => {
      rmSync(join(dir, 'src/a.c'));
    },
  ],
  [
    'is a link that leads elsewhere',
    (dir) => {
      rmSync(join(dir, 'src/link'));
      symlinkSync('b.c', join(dir, 'src/link'));
    },
  ],
  [
    'is an empty directory that is new',
    (dir) => {
      mkdirSync(join(dir, 'empty'));
    },
  ],
])('a tree gets another identity when a file %s', (_what, change) => {
  const dir = sampleTree();
  const before = pathIdentity(dir);
  change(dir);
  expect(pathIdentity(dir)).not.toBe(before);
});

test('a tree keeps its identity when it is only looked at, moved, or its .git changes', () => {
  const dir = sampleTree();
  const before = pathIdentity(dir);
  expect(before).toMatch(/^[0-9a-f]{64}$/);
  writeFileSync(join(dir, '.git/index'), 'x');
  writeFileSync(join(dir, 'temporary'), '');
  rmSync(join(dir, 'temporary'));
  expect(pathIdentity(dir)).toBe(before);
  renameSync(dir, `${dir}-moved`);
  expect(pathIdentity(`${dir}-moved`)).toBe(before);
  rmSync(`${dir}-moved`, { recursive: true });
});

test('a file is known by size and time, and a path without anything as missing', () => {
  const file = join(scratchDir(), 'x.tar');
  expect(pathIdentity(file)).toBe('missing');
  writeFileSync(file, 'abc');
  utimesSync(file, 5, 5);
  expect(pathIdentity(file)).toBe('file 3 5000000000');
  expect(pathIdentity(join(file, 'below'))).toBe('missing');
});
