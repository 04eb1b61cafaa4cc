import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shippedPath } from '../../../toolkit/base/package-root.ts';
import { scratchDir } from '../scratch.ts';

interface Device {
  /** Stands for /var/lib/seedrng. */
  readonly seeds: string;
  run(action: 'load' | 'save'): void;
  /** How seedrng was called so far. */
  calls(): string[];
}

/**
 * The shipped script in a directory of its own. Its seedrng writes down how it is called and leaves a seed, its stat says
 * what kind of file system there is; a machine without an applet has neither.
 */
function device({ fileSystem = 'ext2/ext3', seedrng = true } = {}): Device {
  const dir = scratchDir();
  const [bin, seeds, loaded] = ['bin', 'lib/seedrng', 'loaded'].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ];
  const log = join(dir, 'calls');
  mkdirSync(bin);
  mkdirSync(join(dir, 'lib'));
  writeFileSync(log, '');
  const program = (name: string, text: string) =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  for (const name of ['mkdir', 'touch']) symlinkSync(`/bin/${name}`, join(bin, name));
  program('stat', `echo ${fileSystem}`);
  if (seedrng) program('seedrng', `echo "$*" >> ${log}\n: > "$2/seed.credit"`);
  const script = join(dir, 'random-seed');
  writeFileSync(
    script,
    readFileSync(shippedPath('rootfs-skeleton', 'base', 'etc', 'init.d', 'random-seed'), 'utf8')
      .replace('/var/lib/seedrng\n', `${seeds}\n`)
      .replace('/run/random-seed.loaded', loaded),
  );
  return {
    seeds,
    run: (action) => void execFileSync('/bin/sh', [script, action], { env: { PATH: bin } }),
    calls: () => readFileSync(log, 'utf8').split('\n').slice(0, -1),
  };
}

test('a boot without a seed does not call seedrng, which would wait for random numbers', () => {
  const first = device();
  first.run('load');
  expect(first.calls()).toEqual([]);
});

test('a seed that was saved is credited at the next boot, once', () => {
  const board = device();
  board.run('save');
  board.run('load');
  board.run('load');
  expect(board.calls()).toEqual([`-d ${board.seeds}`, `-d ${board.seeds}`]);
});

test('a seed that shows up only with a partition is credited then', () => {
  const board = device();
  board.run('load');
  mkdirSync(board.seeds);
  writeFileSync(join(board.seeds, 'seed.credit'), '');
  board.run('load');
  expect(board.calls()).toEqual([`-d ${board.seeds}`]);
});

test.each(['tmpfs', 'ramfs'])('nothing is saved in %s, which does not outlive the boot', (fileSystem) => {
  const board = device({ fileSystem });
  board.run('save');
  expect(board.calls()).toEqual([]);
  expect(existsSync(board.seeds)).toBe(false);
});

test('nothing is saved where the directory cannot be made, and that is no failure', () => {
  const board = device();
  rmSync(join(board.seeds, '..'), { recursive: true });
  writeFileSync(join(board.seeds, '..'), 'a file in the way');
  board.run('save');
  expect(board.calls()).toEqual([]);
});

test('a BusyBox without the applet is no failure', () => {
  const board = device({ seedrng: false });
  mkdirSync(board.seeds);
  writeFileSync(join(board.seeds, 'seed.credit'), '');
  board.run('load');
  board.run('save');
  expect(board.calls()).toEqual([]);
});
