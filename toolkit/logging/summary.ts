import { styleText } from 'node:util';
import type { StepOutcome } from '../base/event.ts';
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

/** The table at the end of a run: step, outcome, seconds. Too long step names are shortened to fit `columns`. */
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

/** A chain that is shorter tells nothing. */
const TOLD_SECONDS = 1;

/** What the length of a run came from, and what was slowest in it; undefined for a short run. */
export function describeCriticalPath(path: readonly SummaryRow[]): string | undefined {
  const seconds = path.reduce((sum, row) => sum + row.seconds, 0);
  // Steps that took no time to speak of hide the ones that did.
  const told = path.filter((row) => row.seconds >= seconds / 100);
  if (seconds < TOLD_SECONDS || told.length === 0) return undefined;
  const slowest = told.reduce((a, b) => (b.seconds > a.seconds ? b : a));
  const share = Math.round((slowest.seconds / seconds) * 100);
  return `longest chain: ${told.map(({ id }) => id).join(' > ')}, ${formatSeconds(seconds)}; slowest: ${slowest.id}, ${share} % of it`;
}

/** How much of what was compiled came out of a compiler cache; undefined when nothing was, or there is none. */
export function describeCompilerCache(
  rows: readonly { readonly compilerCache?: { readonly hits: number; readonly misses: number } }[],
): string | undefined {
  const counts = rows.flatMap(({ compilerCache }) => compilerCache ?? []);
  const hits = counts.reduce((sum, count) => sum + count.hits, 0);
  const all = counts.reduce((sum, count) => sum + count.misses, hits);
  if (all === 0) return undefined;
  return `compiler cache: ${hits} of ${all} objects were there (${Math.floor((hits / all) * 100)} %)`;
}

function shownSeconds({ outcome, seconds }: SummaryRow): string {
  // A step that never started took no time; a number there would look measured.
  return outcome === 'blocked' ? '-' : seconds.toFixed(1);
}
