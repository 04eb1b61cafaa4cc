import { inOut } from '../host/own-folders.ts';
import type { StepRecord } from '../engine/step-record.ts';
import { writeAtomic } from '../host/write-atomic.ts';

/**
 * Writes `timeline.json`: when each step ran, and in parallel with which. In the Trace Event Format, which Perfetto
 * (https://ui.perfetto.dev) and chrome://tracing open:
 * https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
 */
export async function writeTimeline(
  outDir: string,
  board: string,
  steps: readonly StepRecord[],
): Promise<void> {
  const file = inOut(outDir, 'timeline.json');
  await writeAtomic(file, `${JSON.stringify({ traceEvents: traceEvents(board, steps) }, null, 1)}\n`);
}

interface TraceEvent {
  readonly name: string;
  /** M: metadata; X: a complete event, with its duration. */
  readonly ph: 'M' | 'X';
  readonly pid: number;
  readonly tid: number;
  readonly cat?: string;
  /** Microseconds. */
  readonly ts?: number;
  readonly dur?: number;
  readonly args: Readonly<Record<string, unknown>>;
}

const MICROSECONDS = 1e6;

function traceEvents(board: string, steps: readonly StepRecord[]): TraceEvent[] {
  const events: TraceEvent[] = [
    { name: 'process_name', ph: 'M', pid: 1, tid: 0, args: { name: `lxc-kit build --board ${board}` } },
  ];
  /** When each lane is free again; a step goes into the first free one. */
  const lanes: number[] = [];
  for (const { id, outcome, start, seconds, reason } of steps.toSorted((a, b) => a.start - b.start)) {
    if (outcome === 'blocked') continue;
    const free = lanes.findIndex((end) => end <= start);
    const lane = free === -1 ? lanes.length : free;
    lanes[lane] = start + seconds;
    const [ts, dur] = [start, seconds].map((time) => Math.round(time * MICROSECONDS));
    if (ts === undefined || dur === undefined) continue;
    const args = { outcome, ...(reason === undefined ? {} : { reason }) };
    events.push({ name: id, ph: 'X', pid: 1, tid: lane + 1, cat: outcome, ts, dur, args });
  }
  return events;
}
