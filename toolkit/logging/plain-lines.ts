import type { KitEvent } from '../base/event.ts';
import { tailOfFileSync } from '../host/log-tail.ts';
import type { CiLog } from './ci-log.ts';
import type { LogStream } from './logger.ts';
import type { Logger } from './logger.ts';
import {
  describeMessage,
  describeOutcome,
  describeProgress,
  formatSeconds,
  lastTime,
} from './describe-event.ts';
import { toPrintable, truncateToWidth } from './display-width.ts';

/** How often a long step reports its activity. */
const HEARTBEAT_MS = 30_000;
const MAX_TOOL_LINE_COLUMNS = 100;
/** The number of lines of a step's log that go into the log of a pipeline. */
const MAX_LOG_LINES = 200;

export interface PlainLinesOptions {
  readonly stream: LogStream;
  readonly now: () => number;
  /** The CI service whose log this is, if known. */
  readonly ci?: CiLog | undefined;
}

interface RunningStep {
  readonly startedMs: number;
  readonly lastSeconds: number | undefined;
  readonly logFile: string;
  readonly heartbeat: NodeJS.Timeout;
  lines: number;
  lastLine?: string;
  progress?: Extract<KitEvent, { type: 'step-progress' }>;
}

/** Writes a line when a step starts and when it ends, and a heartbeat in between; for logs of pipelines. */
export function plainLines({ stream, now, ci }: PlainLinesOptions): Logger {
  const running = new Map<string, RunningStep>();
  let closed = false;
  const write = (lines: readonly string[]): void => void stream.write(`${lines.join('\n')}\n`);
  const print = (text: string): void => {
    write(ci === undefined ? [text] : text.split('\n').map(ci.line));
  };

  const beat = (name: string): void => {
    const step = running.get(name);
    if (step === undefined) return;
    print(`  ${name}: ${describeActivity(step, now())}`);
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
          logFile: event.logFile,
          // A heartbeat alone must not keep the program alive.
          heartbeat: setInterval(beat, HEARTBEAT_MS, event.step).unref(),
          lines: 0,
          lastSeconds: event.lastSeconds,
        });
        print(`> ${event.step}: ${toPrintable(event.title)}`);
        return;
      case 'step-progress': {
        const step = running.get(event.step);
        if (step !== undefined) step.progress = event;
        return;
      }
      case 'tool-line': {
        const step = running.get(event.step);
        if (step === undefined) return;
        step.lines++;
        step.lastLine = event.line;
        return;
      }
      case 'step-finished': {
        const header = `< ${event.step}: ${describeOutcome(event)}`;
        const { logFile } = running.get(event.step) ?? {};
        end(event.step);
        // The summary counts them.
        if (event.outcome === 'fresh') return;
        if (ci === undefined) {
          print(header);
          return;
        }
        const { step, seconds, reason } = event;
        const failed = event.outcome === 'failed';
        const lines = logFile === undefined ? [] : tailOfFileSync(logFile, MAX_LOG_LINES);
        // In one piece, because other steps print meanwhile.
        write(ci.step({ step, header, failed, reason, seconds, lines }));
        return;
      }
      case 'compiler-cache':
        // The summary shows it.
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
  const parts = [`${formatSeconds((nowMs - step.startedMs) / 1000)}${lastTime(step, formatSeconds)}`];
  if (step.progress !== undefined) parts.push(describeProgress(step.progress));
  // A share of the lines already shows the number of lines.
  if (step.lines > 0 && step.progress?.unit !== 'lines')
    parts.push(`${step.lines} ${step.lines === 1 ? 'line' : 'lines'}`);
  const last = toPrintable(step.lastLine ?? '');
  if (last !== '') parts.push(`last: ${truncateToWidth(last, MAX_TOOL_LINE_COLUMNS)}`);
  return parts.join(', ');
}
