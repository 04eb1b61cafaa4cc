import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CoreBudget } from '../../../toolkit/engine/core-budget.ts';
import type { StepCores } from '../../../toolkit/engine/step.ts';
import { JobServer } from '../../../toolkit/host/job-server.ts';
import { runToolOrFail, toolEnvironment } from '../../../toolkit/host/run-tool.ts';
import { shareCores } from '../../../toolkit/opened-board/share-cores.ts';
import { scratchDir } from '../scratch.ts';

const env = toolEnvironment(process.env);
const { signal } = new AbortController();

interface Rig {
  readonly dir: string;
  readonly budget: CoreBudget;
  /** Compiles so many files, each of which takes a tenth of a second, in a turn of its own. */
  readonly compile: (name: string, files: number, rank?: number) => Promise<void>;
  /** How many files were compiled at once, at each moment when one began. */
  readonly running: () => number[];
}

function rig(jobs: number, compileSteps: number): Rig {
  const dir = scratchDir();
  const budget = new CoreBudget({
    jobs,
    compileSteps,
    openServer: () => JobServer.open({ dir, env, signal }),
  });
  const logFile = join(dir, 'log');
  // The first make starts a second one, as the kernel's does.
  writeFileSync(join(dir, 'Makefile'), `all:\n\t$(MAKE) -f ${dir}/objects.mk $(FILES)\n`);
  writeFileSync(
    join(dir, 'objects.mk'),
    `%.o:\n\t@echo begin >> ${logFile}; sleep 0.1; echo end >> ${logFile}\n`,
  );
  return {
    dir,
    budget,
    async compile(name, files, rank = 0) {
      const { cores, leave } = await budget.enter(rank, signal);
      await make(
        dir,
        cores,
        Array.from({ length: files }, (_, index) => `${name}${index}.o`),
      );
      leave();
      await budget.finished();
    },
    running() {
      let count = 0;
      return readFileSync(logFile, 'utf8')
        .trim()
        .split('\n')
        .flatMap((line) => (line === 'begin' ? [++count] : (count--, [])));
    },
  };
}

async function make(dir: string, cores: StepCores, files: string[]): Promise<void> {
  const { argv, jobServer } = await shareCores(['make', '-C', dir, `FILES=${files.join(' ')}`], cores, () =>
    Promise.resolve(''),
  );
  const logFile = join(dir, 'make.log');
  await runToolOrFail(argv, { cwd: dir, env, signal, logFile, ...(jobServer && { jobServer }) });
  expect(readFileSync(logFile, 'utf8')).not.toMatch(/warning/);
}

test('two makes together never run more than the budget, and the one that is left has all of it', async () => {
  const { compile, running, budget, dir } = rig(4, 2);
  await Promise.all([compile('a', 6), compile('b', 40)]);
  await budget.close();
  expect(Math.max(...running())).toBe(4);
  expect(running().filter((count) => count === 4).length).toBeGreaterThan(10);
  expect(existsSync(join(dir, 'jobserver'))).toBe(false);
});

test('with as many steps as cores each has one, until there are fewer steps', async () => {
  const { compile, running, budget } = rig(2, 3);
  await Promise.all([compile('a', 5), compile('b', 5), compile('c', 12)]);
  await budget.close();
  expect(Math.max(...running())).toBe(2);
  // At the moment when the very last one begins the one before may have ended.
  expect(running().slice(-6)).toContain(2);
});

test('a budget of one needs no jobserver', async () => {
  const { compile, running, budget } = rig(1, 2);
  await Promise.all([compile('a', 2), compile('b', 2)]);
  await budget.close();
  expect(Math.max(...running())).toBe(1);
});

test('lets the first of the list go first when several come at once', async () => {
  const { budget } = rig(1, 3);
  const order: string[] = [];
  const turn = async (name: string, rank: number): Promise<void> => {
    const { leave } = await budget.enter(rank, signal);
    order.push(name);
    leave();
  };
  // On a busy machine the process does nothing for a while between two of them.
  const pause = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  const turns = (
    [
      ['libcap', 8],
      ['BusyBox', 7],
      ['kernel', 6],
    ] as const
  ).map(([name, rank]) => {
    pause();
    return turn(name, rank);
  });
  await Promise.all(turns);
  expect(order).toEqual(['kernel', 'BusyBox', 'libcap']);
  await budget.close();
});

test('a tool without a client gets a fair share of the free cores, and gives it back', async () => {
  const { budget } = rig(8, 2);
  const first = await budget.enter(0, signal);
  const second = await budget.enter(1, signal);
  // 8 processes, of which each step has one for itself.
  const share = second.cores.share();
  expect(share.jobs).toBe(4);
  const rest = first.cores.share();
  expect(rest.jobs).toBe(4);
  expect(first.cores.share().jobs).toBe(1);
  share.release();
  rest.release();
  expect(first.cores.share().jobs).toBe(4);
  await budget.close();
});

test('where no named pipe can be made, each step has a part of its own', async () => {
  const budget = new CoreBudget({
    jobs: 4,
    compileSteps: 2,
    openServer: () => JobServer.open({ dir: '/proc', env, signal }),
  });
  const [first] = await Promise.all([budget.enter(0, signal), budget.enter(1, signal)]);
  expect(await shareCores(['make'], first.cores, () => Promise.resolve(''))).toMatchObject({
    argv: ['make', '-j2'],
  });
  await budget.close();
});

test('gives up waiting when the run stops', async () => {
  const { budget } = rig(1, 2);
  const { leave } = await budget.enter(0, signal);
  const stop = new AbortController();
  const waiting = budget.enter(1, stop.signal);
  await sleep(50);
  stop.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('stopped');
  leave();
  await budget.close();
});

test('ninja gets the pipe from the first release that knows it', async () => {
  const { budget } = rig(4, 1);
  const { cores, leave } = await budget.enter(0, signal);
  const old = await shareCores(['ninja', '-C', 'obj'], cores, () => Promise.resolve('1.11.1'));
  expect(old.argv).toEqual(['ninja', '-C', 'obj', '-j4']);
  old.release();
  const { argv, jobServer } = await shareCores(['ninja', '-C', 'obj'], cores, () =>
    Promise.resolve('1.13.0'),
  );
  expect(argv).toEqual(['ninja', '-C', 'obj', '-j4']);
  expect(jobServer?.auth).toMatch(/^--jobserver-auth=fifo:\/.*\/jobserver$/);
  leave();
  await budget.close();
});

test('more processes than a pipe has room for are as many as it has', async () => {
  const { budget } = rig(1_000_000, 1);
  const { cores, leave } = await budget.enter(0, signal);
  expect(cores.total).toBe(4096);
  leave();
  await budget.finished();
  await budget.close();
});
