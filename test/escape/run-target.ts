import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { CLI_FILE } from '../rigs/cli-path.ts';
import type { Attempt, RootKind } from './attempt.ts';
import { attempts, notApplicable } from './attempts.ts';
import type { EscapeBoard } from './escape-board.ts';
import {
  hasEnded,
  jobCommand,
  jobHead,
  lastTried,
  readJob,
  splitJobs,
  typedInto,
  type Job,
  type Outcome,
} from './judge.ts';

/** A device that prints nothing for so long is gone: no attempt and no look at it takes half of that. */
const SILENCE_MS = 60_000 * Number(process.env['LXC_KIT_TIMEOUT_FACTOR'] ?? '1');

/** A device is lost and booted again at most so often for one target. */
const MOST_BOOTS = 20;

/** Results of the attempts of one target on one root, by the attempts' ids. */
export type Outcomes = Map<string, Outcome>;

interface EndedBoot {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Makes attempts in a container, or as the device's own root, each at most once. An attempt that
 * takes the device down is found out, and the others go on in another boot. Throws if the device does not even prepare itself.
 */
export async function runTarget(
  board: EscapeBoard,
  root: RootKind,
  target: string,
  wanted: readonly Attempt[] = attempts,
): Promise<Outcomes> {
  const surroundings = board.surroundings(root);
  const made = wanted.filter((attempt) => notApplicable(attempt, surroundings) === undefined);
  const together = made.filter(({ alone }) => alone === undefined);
  const left = attempts.filter((attempt) => attempt.alone === undefined && !together.includes(attempt));
  let jobs: Job[] = [
    ...(together.length === 0 ? [] : [{ target, skipped: left.map(({ id }) => id) }]),
    ...made.filter(({ alone }) => alone !== undefined).map(({ id }) => ({ target, id, skipped: [] })),
  ];
  const outcomes: Outcomes = new Map();
  const keep = (job: Job, output: string, stdout: string): void => {
    const own = made.filter(({ id, alone }) =>
      job.id === undefined ? alone === undefined && !job.skipped.includes(id) : id === job.id,
    );
    for (const [id, outcome] of readJob(job, output, own)) outcomes.set(id, outcome);
    // Whoever reads the console may have taken the words before the device looked for them.
    if (job.id !== undefined) return;
    const log = readFileSync(join(board.bootDir(root), 'logs', 'console.log'), 'utf8');
    for (const id of typedInto(
      log,
      stdout,
      target,
      own.map((one) => one.id),
    ))
      outcomes.set(id, { verdict: 'escaped', notes: ['typed into the console'] });
  };
  for (let boots = 0; jobs.length > 0; boots++) {
    const { stdout, stderr } = await bootOnce(board, root, ['/root/escape/prepare', ...jobs.map(jobCommand)]);
    if (!/^prepared$/m.test(stdout) || boots === MOST_BOOTS)
      throw new Error(`the device with ${target} did not get ready:\n${stdout}\n${stderr}`);
    const outputs = splitJobs(stdout);
    const next: Job[] = [];
    let isGone = false;
    for (const job of jobs) {
      const output = outputs.get(jobHead(job));
      if (isGone || output === undefined) {
        next.push(job);
        isGone = true;
        continue;
      }
      if (hasEnded(output)) {
        keep(job, output, stdout);
        continue;
      }
      // A job that did not end although the next began could not start its container.
      isGone = !outputs.has(jobHead(jobs[jobs.indexOf(job) + 1] ?? job)) || jobs.at(-1) === job;
      const lost =
        isGone && !/^not (started|staged) /m.test(output) ? (job.id ?? lastTried(output)) : undefined;
      if (lost === undefined) {
        keep(job, output, stdout);
        continue;
      }
      outcomes.set(lost, { verdict: 'host lost', notes: [lastLine(stderr)] });
      // The others of a batch did not get a verdict: they are made again without it.
      if (job.id === undefined) next.push({ ...job, skipped: [...job.skipped, lost] });
    }
    jobs = next;
  }
  return outcomes;
}

const lastLine = (text: string): string =>
  text.split('\n').find((line) => line.startsWith('error:')) ?? 'no answer';

/** Runs commands in one boot, until they end or the device is silent. */
async function bootOnce(board: EscapeBoard, root: RootKind, commands: readonly string[]): Promise<EndedBoot> {
  const argv = [
    ...[CLI_FILE, 'boot', '--board', board.board.board, '--out', board.bootDir(root)],
    ...['--root', root, '--skip-container-check', '--timeout', '1800'],
    ...commands.flatMap((command) => ['--run', command]),
  ];
  const boot = execa(process.execPath, argv, {
    cwd: shippedPath(),
    env: { CI: 'true' },
    reject: false,
    stripFinalNewline: false,
  });
  let silence: NodeJS.Timeout | undefined;
  const listen = (): void => {
    clearTimeout(silence);
    silence = setTimeout(() => boot.kill('SIGTERM'), SILENCE_MS);
  };
  listen();
  boot.stdout.on('data', listen);
  const { stdout, stderr } = await boot;
  clearTimeout(silence);
  return { stdout, stderr };
}
