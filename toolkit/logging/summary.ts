import { styleText } from 'node:util';
import type { StepOutcome } from '../base/event.ts';
import type { ConfinedContainer } from '../confinement/confined-container.ts';
import { formatSeconds } from './describe-event.ts';
import { displayWidth, truncateToWidth } from './display-width.ts';

/** A row of the summary; the engine's step records are such rows. */
export interface SummaryRow {
  readonly id: string;
  readonly outcome: StepOutcome;
  readonly seconds: number;
}

export interface SummaryOptions {
  readonly columns: number;
  readonly colour: boolean;
}

const GAP = '  ';
const MIN_STEP_COLUMNS = 4;

/** The table at the end of a run: step, outcome, seconds. Step names that are too long for `columns` are shortened. */
export function formatSummary(rows: readonly SummaryRow[], { columns, colour }: SummaryOptions): string {
  const table = [
    { step: 'step', outcome: 'outcome', seconds: 'seconds' },
    ...rows.map((row) => ({ step: row.id, outcome: row.outcome, seconds: shownSeconds(row) })),
  ];
  const outcomeWidth = Math.max(...table.map((row) => row.outcome.length));
  const secondsWidth = Math.max(...table.map((row) => row.seconds.length));
  const room = columns - outcomeWidth - secondsWidth - 2 * GAP.length;
  const wanted = Math.max(...table.map((row) => displayWidth(row.step)));
  const stepWidth = Math.max(MIN_STEP_COLUMNS, Math.min(room, wanted));
  return table
    .map((row) => {
      const step = truncateToWidth(row.step, stepWidth);
      const outcome = row.outcome.padEnd(outcomeWidth);
      return [
        step + ' '.repeat(stepWidth - displayWidth(step)),
        colour && row.outcome === 'failed' ? styleText('red', outcome, { validateStream: false }) : outcome,
        row.seconds.padStart(secondsWidth),
      ].join(GAP);
    })
    .join('\n');
}

/** Shorter chains and steps are not worth reporting. */
const MIN_REPORTED_SECONDS = 1;

/** Describes the chain of steps that decided the length of a run, and its slowest step; undefined for a short run. */
export function describeCriticalPath(path: readonly SummaryRow[]): string | undefined {
  const seconds = path.reduce((sum, row) => sum + row.seconds, 0);
  // Very short steps would hide the ones that took time.
  const reported = path.filter((row) => row.seconds >= seconds / 100);
  if (seconds < MIN_REPORTED_SECONDS || reported.length === 0) return undefined;
  const slowest = reported.reduce((a, b) => (b.seconds > a.seconds ? b : a));
  const share = Math.round((slowest.seconds / seconds) * 100);
  return `longest chain: ${reported.map(({ id }) => id).join(' > ')}, ${formatSeconds(seconds)}; slowest: ${slowest.id}, ${share} % of it`;
}

/** Describes how many compiled files came from a compiler cache; undefined without a cache or compiled files. */
export function describeCompilerCache(
  rows: readonly { readonly compilerCache?: { readonly hits: number; readonly misses: number } }[],
): string | undefined {
  const counts = rows.flatMap(({ compilerCache }) => compilerCache ?? []);
  const hits = counts.reduce((sum, count) => sum + count.hits, 0);
  const all = counts.reduce((sum, count) => sum + count.misses, hits);
  if (all === 0) return undefined;
  return `compiler cache: ${hits} of ${all} objects were cached (${Math.floor((hits / all) * 100)} %)`;
}

/** Describes what containers lack to confine their root: a line for each, a warning unless the definition says so. */
export function describeConfinement(containers: readonly Pick<ConfinedContainer, 'missing'>[]): string[] {
  return containers.flatMap(({ missing }) =>
    missing.map(({ message, chosen }) => (chosen ? message : `warning: ${message}`)),
  );
}

function shownSeconds({ outcome, seconds }: SummaryRow): string {
  // A step that never started has no time; a number would look measured.
  return outcome === 'blocked' ? '-' : seconds.toFixed(1);
}
