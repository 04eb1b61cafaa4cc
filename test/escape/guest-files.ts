import type { Attempt } from './attempt.ts';
import { keptFiles } from './attempts/kernel.ts';

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');

const judged = (id: string, command: string): string =>
  `if ${command}; then echo "verdict ${id} escaped"; else echo "verdict ${id} inside"; fi`;

/** The files of /root/escape that are made of the attempts' data; the others are in test/escape/overlay. */
export function guestFiles(attempts: readonly Attempt[]): Record<string, string> {
  const together = attempts.filter(({ alone }) => alone === undefined);
  const alone = attempts.filter((attempt) => attempt.alone !== undefined);
  return {
    before: lines(
      together.flatMap(({ before }) => (before === undefined ? [] : [`{ ${before}; } 2>/dev/null`])),
    ),
    opens: lines(together.flatMap(({ opens }) => (opens === undefined ? [] : [`{ ${opens}; } 2>/dev/null`]))),
    witnesses: lines(together.map(({ id, witness }) => judged(id, `{ ${witness}; } >/dev/null 2>&1`))),
    alone: lines(alone.map(({ id }) => id)),
    // The kernel cuts the name of a process off there (prctl(2), PR_SET_NAME).
    stays: lines(together.map(({ id }) => id.slice(0, 15))),
    kept: lines(keptFiles),
    ...Object.fromEntries(
      alone.map(({ id, alone: script = '' }) => [
        `alone.d/${id}`,
        `attempt() {\n${script}\n}\n${judged(id, 'attempt')}\n`,
      ]),
    ),
  };
}
