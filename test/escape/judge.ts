import type { Attempt } from './attempt.ts';

/** How an attempt ended. */
export type Verdict = 'inside' | 'escaped' | 'host lost' | 'not made';

export interface Outcome {
  readonly verdict: Verdict;
  /** The program's own words: where it was stopped. The verdict is not made of them. */
  readonly notes: readonly string[];
}

/** One command on the device: the batch, or one attempt with a script of its own. */
export interface Job {
  readonly target: string;
  /** The attempt; the batch without it. */
  readonly id?: string;
  /** The attempts of the batch that are left out. */
  readonly skipped: readonly string[];
}

/** The line that a command of a job prints first. */
export const jobHead = ({ target, id }: Job): string => `== ${target} ${id ?? 'batch'}`;

/** The command that runs a job on the device. */
export const jobCommand = (job: Job): string =>
  `echo '${jobHead(job)}'; ` +
  (job.id === undefined
    ? `/root/escape/batch ${[job.target, ...job.skipped].join(' ')}`
    : `/root/escape/solo ${job.target} ${job.id}`);

/** The output of each job that began, in the order of the boot. */
export function splitJobs(stdout: string): Map<string, string> {
  const pieces = stdout.split(/^(== .*)$/m).slice(1);
  return new Map(
    pieces.flatMap((head, index) => (index % 2 === 0 ? [[head, pieces[index + 1] ?? ''] as const] : [])),
  );
}

/** Whether a job ran to its end. */
export const hasEnded = (output: string): boolean => /^(batch|solo) done$/m.test(output);

/** The attempt that a job was at when the device was gone. */
export function lastTried(output: string): string | undefined {
  return [...output.matchAll(/^try (.+)$/gm)].at(-1)?.[1]?.trim();
}

/**
 * Reads what a job printed. An attempt counts only if it was made, and its verdict is the device's: an attempt without
 * one is "not made", whatever it says of itself.
 */
export function readJob(job: Job, output: string, made: readonly Attempt[]): ReadonlyMap<string, Outcome> {
  const lines = output.split('\n').map((line) => line.trimEnd());
  const complete = job.id === undefined ? lines.includes('all made') : lines.includes(`made ${job.id}`);
  return new Map(
    made.map(({ id }) => {
      const notes = lines
        .filter((line) => line.startsWith(`note ${id} `) || line.startsWith('lost '))
        .map((line) => line.replace(`note ${id} `, ''));
      const tried = complete && lines.includes(`try ${id}`);
      const given = lines.find((line) => line.startsWith(`verdict ${id} `))?.slice(`verdict ${id} `.length);
      const verdict = !tried || (given !== 'inside' && given !== 'escaped') ? 'not made' : given;
      // Whoever has escaped was made, whether the program came to its last line or not.
      return [id, { verdict: given === 'escaped' ? 'escaped' : verdict, notes }] as const;
    }),
  );
}

/**
 * The attempts whose words were typed into the device's console: those are echoed there, whoever reads them. The log has
 * the output of commands as well, which does not count.
 */
export function typedInto(
  consoleLog: string,
  stdout: string,
  target: string,
  ids: readonly string[],
): string[] {
  const times = (text: string, word: string): number => text.split(word).length - 1;
  return ids.filter((id) => {
    const word = `typed-by-${target}-${id}\r`;
    const plain = `typed-by-${target}-${id}\n`;
    return times(consoleLog, word) + times(consoleLog, plain) > times(stdout, word) + times(stdout, plain);
  });
}

/** Whether an outcome shows that an attempt can succeed. */
export const succeeds = (outcome: Outcome | undefined): boolean =>
  outcome?.verdict === 'escaped' || outcome?.verdict === 'host lost';
