import type { KitEvent } from '../base/event.ts';
import { toPrintable } from './display-width.ts';

type EventOf<T extends KitEvent['type']> = Extract<KitEvent, { type: T }>;

/** A duration for people: tenths below ten seconds, whole seconds from there on. */
export function formatSeconds(seconds: number): string {
  return `${seconds < 9.95 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}

/** How a step ended: `built in 301 s (kernel.config changed)`. */
export function describeOutcome({ outcome, seconds, reason }: EventOf<'step-finished'>): string {
  const because = reason === undefined ? '' : toPrintable(reason);
  switch (outcome) {
    case 'built':
      return `built in ${formatSeconds(seconds)}${because === '' ? '' : ` (${because})`}`;
    case 'restored':
      return `restored in ${formatSeconds(seconds)}${because === '' ? '' : ` (${because})`}`;
    case 'fresh':
      return 'fresh';
    case 'failed':
      return `failed after ${formatSeconds(seconds)}${because === '' ? '' : `: ${because}`}`;
    case 'blocked':
    case 'cancelled':
      return because === '' ? outcome : `${outcome}: ${because}`;
  }
}

/** A duration as a clock shows it: `1:12`. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** A shorter step ends before anyone has read how long it took. */
const MIN_LAST_SECONDS = 5;

/** The words after the time of a running step: ` (last time 3:40)`; empty where that is unknown or short. */
export function lastTime(
  { lastSeconds = 0 }: { readonly lastSeconds: number | undefined },
  format: (seconds: number) => string,
): string {
  return lastSeconds < MIN_LAST_SECONDS ? '' : ` (last time ${format(lastSeconds)})`;
}

/** The progress of a step: `kernel 45/134 MB 33 %`, or without the share while the total is unknown. */
export function describeProgress(event: EventOf<'step-progress'>): string {
  const { done, total, unit, text } = event;
  const words = text === undefined ? [] : [toPrintable(text)];
  const [scale, shownUnit] = unit === 'bytes' ? byteScale(total ?? done) : ([1, unit] as const);
  const amount = (count: number): string => String(Math.round(count / scale));
  const ofTotal = total === undefined ? '' : `/${amount(total)}`;
  words.push(`${amount(done)}${ofTotal} ${shownUnit}`, describeShare(event));
  return words.filter((word) => word !== '').join(' ');
}

/** The share of a step that is done, as `33 %`; empty while the total is unknown. */
export function describeShare({ done, total }: EventOf<'step-progress'>): string {
  if (total === undefined || total <= 0) return '';
  return `${Math.min(100, Math.floor((done / total) * 100))} %`;
}

/** A note or a warning, with the step's name in front if there is one; further lines are indented. */
export function describeMessage({ step, message }: EventOf<'note' | 'warning'>): string {
  const lines = message.split('\n').map(toPrintable);
  return `${step === undefined ? '' : `${step}: `}${lines.join('\n  ')}`;
}

function byteScale(bytes: number): readonly [number, string] {
  if (bytes >= 1e6) return [1e6, 'MB'];
  return bytes >= 1e3 ? [1e3, 'kB'] : [1, 'B'];
}
