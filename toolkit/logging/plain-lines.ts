import type { KitEvent } from '../base/event.ts';
import type { Logger, LogStream } from './create-logger.ts';
import { describeMessage, describeOutcome, describeProgress, formatSeconds } from './describe-event.ts';
import { toPrintable, truncateToWidth } from './display-width.ts';

/** How often a step that takes long says what it is doing. */
const HEARTBEAT_MS = 30_000;
const MAX_TOOL_LINE_COLUMNS = 100;

export interface PlainLinesOptions {
  readonly stream: LogStream;
  readonly now: () => number;
}

interface RunningStep {
  readonly startedMs: number;
  readonly heartbeat: NodeJS.Timeout;
  lines: number;
  lastLine?: string;
  progress?: string;
}

/** Writes a line when a step starts and when it ends, and a heartbeat in between; for logs of pipelines. */
export function plainLines({ stream, now }: PlainLinesOptions): Logger {
  const running = new Map<string, RunningStep>();
  let closed = false;
  const print = (line: string): void => void stream.write(`${line}\n`);

  const beat = (name: string): void => {
    const step = running.get(name);
    if (step !== undefined) print(`  ${name}: ${describeActivity(step, now())}`);
  };
  const end = (name: string): void => {
    clearInterval(running.get(name)?.heartbeat);
    running.delete(name);
  };
  const emit = (event: KitEvent): void => {
    switch (event.type) {
      case 'step-started':
        end(event.step);
        running.set(event.step, {
          startedMs: now(),
          // A heartbeat alone must not keep the program from ending.
          heartbeat: setInterval(beat, HEARTBEAT_MS, event.step).unref(),
          lines: 0,
        });
        print(`> ${event.step}: ${toPrintable(event.title)}`);
        return;
      case 'step-progress': {
        const step = running.get(event.step);
        if (step !== undefined) step.progress = describeProgress(event);
        return;
      }
      case 'tool-line': {
        const step = running.get(event.step);
        if (step === undefined) return;
        step.lines++;
        step.lastLine = event.line;
        return;
      }
      case 'step-finished':
        end(event.step);
        print(`< ${event.step}: ${describeOutcome(event)}`);
        return;
      case 'compiler-cache':
        // The summary tells it.
        return;
      case 'note':
      case 'warning':
        print(`${event.type}: ${describeMessage(event)}`);
    }
  };
  return {
    emit: (event) => {
      if (!closed) emit(event);
    },
    close: () => {
      closed = true;
      for (const name of [...running.keys()]) end(name);
    },
  };
}

function describeActivity(step: RunningStep, nowMs: number): string {
  const parts = [formatSeconds((nowMs - step.startedMs) / 1000)];
  if (step.progress !== undefined) parts.push(step.progress);
  if (step.lines > 0) parts.push(`${step.lines} ${step.lines === 1 ? 'line' : 'lines'}`);
  const last = toPrintable(step.lastLine ?? '');
  if (last !== '') parts.push(`last: ${truncateToWidth(last, MAX_TOOL_LINE_COLUMNS)}`);
  return parts.join(', ');
}
