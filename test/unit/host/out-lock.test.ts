import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lockOut } from '../../../toolkit/host/out-lock.ts';
import { scratchDir } from '../scratch.ts';
import { firstLineOf, startChild } from './child.ts';

const shownAs = 'out/board';

function lockIn(dir: string): string {
  return join(dir, '.lxc-kit', 'lock');
}

test('is taken, and given back', () => {
  const dir = scratchDir();
  const unlock = lockOut(lockIn(dir), shownAs);
  expect(readlinkSync(lockIn(dir))).toMatch(new RegExp(`^${process.pid} \\d+$`));
  unlock();
  expect(readdirSync(join(dir, '.lxc-kit'))).toEqual([]);
  lockOut(lockIn(dir), shownAs)();
});

test('says which process has it', () => {
  const dir = scratchDir();
  const unlock = lockOut(lockIn(dir), shownAs);
  expect(() => lockOut(lockIn(dir), shownAs)).toThrow(
    expect.objectContaining({
      code: 'OUT_BUSY',
      message: `another lxc-kit (pid ${process.pid}) is using out/board`,
      hint: expect.stringContaining('--out') as string,
    }),
  );
  unlock();
});

test.each([
  ['that is gone', '4194305 1'],
  ['whose number another process has by now', `${process.pid} 1`],
  ['of which only half was written down', ''.padEnd(3, '?')],
])('the lock of a process %s is taken over', (_, owner) => {
  const dir = scratchDir();
  mkdirSync(join(dir, '.lxc-kit'));
  symlinkSync(owner, lockIn(dir));
  lockOut(lockIn(dir), shownAs)();
  expect(readdirSync(join(dir, '.lxc-kit'))).toEqual([]);
});

test('the lock of a process that was killed and is not waited for is taken over', async () => {
  const dir = scratchDir();
  const script = `sh -c 'read -r _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ start _ < /proc/$$/stat; echo $$ $start' & exec sleep 60`;
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const owner = await firstLineOf(child);
  expect(existsSync(`/proc/${owner.split(' ')[0] ?? ''}`)).toBe(true);
  mkdirSync(join(dir, '.lxc-kit'));
  symlinkSync(owner, lockIn(dir));
  lockOut(lockIn(dir), shownAs)();
});

test('a lock that somebody else has by now is left to them', () => {
  const dir = scratchDir();
  const unlock = lockOut(lockIn(dir), shownAs);
  rmSync(dir, { recursive: true });
  unlock();
  mkdirSync(join(dir, '.lxc-kit'), { recursive: true });
  symlinkSync('1 1', lockIn(dir));
  unlock();
  expect(readlinkSync(lockIn(dir))).toBe('1 1');
});

test('a file in the way is said to be in the way', () => {
  const dir = scratchDir();
  writeFileSync(join(dir, 'out'), '');
  const unwritable = {
    code: 'OUT_UNWRITABLE',
    message: expect.stringContaining('a file is in the way') as string,
  };
  expect(() => lockOut(lockIn(join(dir, 'out')), shownAs)).toThrow(expect.objectContaining(unwritable));
  mkdirSync(lockIn(dir), { recursive: true });
  expect(() => lockOut(lockIn(dir), shownAs)).toThrow(expect.objectContaining(unwritable));
});

/** Tries to take a lock and prints what came of it. */
function takesLock(lockFile: string): string {
  return `
    import { lockOut } from './host/out-lock.js';
    let result = 'taken';
    try {
      lockOut('${lockFile}', 'out/board');
    } catch (error) {
      result = error.code + ': ' + error.message;
    }
    console.log(result);
    setInterval(() => undefined, 1000);
  `;
}

test('a directory that one may not write to is said to be so', async () => {
  const dir = scratchDir();
  mkdirSync(join(dir, 'out'), { mode: 0o555 });
  chmodSync(join(dir, 'out'), 0o555);
  const child = startChild(takesLock(lockIn(join(dir, 'out'))), { asNobody: true });
  expect(await firstLineOf(child)).toBe('OUT_UNWRITABLE: cannot write to out/board: you have no permission');
});

test('a stale lock that one may not remove is no bug', async () => {
  const dir = scratchDir();
  mkdirSync(join(dir, '.lxc-kit'));
  symlinkSync('4194305 1', lockIn(dir));
  chmodSync(join(dir, '.lxc-kit'), 0o555);
  const child = startChild(takesLock(lockIn(dir)), { asNobody: true });
  expect(await firstLineOf(child)).toMatch(/^OUT_UNWRITABLE: .* you have no permission$/);
});

test('gives a stale lock to one of many processes', async () => {
  const dir = scratchDir();
  mkdirSync(join(dir, '.lxc-kit'));
  const script = `
    import { lockOut } from './host/out-lock.js';
    const lockFile = '${lockIn(dir)}';
    process.stdout.write('ready\\n');
    process.stdin.on('data', () => {
      let result = 'taken';
      try { lockOut(lockFile, 'out'); } catch (error) { result = error.code; }
      process.stdout.write(result + '\\n');
    });
  `;
  const children = Array.from({ length: 4 }, () => startChild(script));
  const answers = children.map(() => [] as string[]);
  children.forEach((child, index) =>
    child.stdout?.on('data', (text: Buffer) => answers[index]?.push(...text.toString().trim().split('\n'))),
  );
  const all = async (count: number): Promise<void> => {
    while (answers.some((one) => one.length < count)) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  await all(1);
  for (let round = 0; round < 50; round++) {
    rmSync(lockIn(dir), { force: true });
    symlinkSync('4194305 1', lockIn(dir));
    for (const child of children) child.stdin?.write('go\n');
    await all(round + 2);
    const results = answers.map((one) => one[round + 1]).sort();
    expect(results).toEqual(['OUT_BUSY', 'OUT_BUSY', 'OUT_BUSY', 'taken']);
  }
  expect(readdirSync(join(dir, '.lxc-kit'))).toEqual(['lock']);
});
