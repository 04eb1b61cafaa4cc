import { styleText } from 'node:util';
import type { KitEvent, StepOutcome } from '../base/event.ts';
import type { LogStream } from './logger.ts';
import type { Logger } from './logger.ts';
import {
  describeMessage,
  describeOutcome,
  describeProgress,
  describeShare,
  formatClock,
  lastTime,
} from './describe-event.ts';
import { displayWidth, toPrintable, truncateToWidth } from './display-width.ts';

const REDRAW_MS = 100;
const TICK_MS = 1000;
/** More live lines than the rows of a terminal could not be erased. */
const MAX_LIVE_LINES = 8;
/** With fewer columns than this, a piece of a tool's line is useless. */
const MIN_TOOL_LINE_COLUMNS = 8;
const FALLBACK_COLUMNS = 80;
const GAP = '  ';

// ECMA-48: CUU, ED; DEC private mode 25 is the cursor's visibility.
const cursorUp = (rows: number): string => (rows > 0 ? `\x1b[${rows}A` : '');
const CLEAR_BELOW = '\x1b[J';
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';

export interface StatusLineOptions {
  readonly stream: LogStream;
  readonly now: () => number;
  readonly columns: () => number;
  readonly colour: boolean;
}

interface RunningStep {
  readonly startedMs: number;
  readonly lastSeconds: number | undefined;
  readonly title: string;
  lastLine?: string;
  progress?: string;
  share?: string;
}

type Style = Parameters<typeof styleText>[0];

const OUTCOME_STYLE = {
  built: 'green',
  restored: 'green',
  fresh: 'dim',
  failed: 'red',
  blocked: 'yellow',
  cancelled: 'yellow',
} as const satisfies Record<StepOutcome, Style>;

/** Shows finished steps, notes and warnings as lines, and below them one live line for each running step. */
export function statusLine(options: StatusLineOptions): Logger {
  const display = new LiveDisplay(options);
  return {
    emit: (event) => {
      display.emit(event);
    },
    line: (text) => {
      display.line(text);
    },
    close: () => {
      display.close();
    },
  };
}

class LiveDisplay {
  readonly #options: StatusLineOptions;
  readonly #running = new Map<string, RunningStep>();
  /** Permanent lines, written at the next drawing. */
  #finished: string[] = [];
  /** The live lines currently on the terminal, without colours. */
  #shown: readonly string[] = [];
  #lastDrawMs = -Infinity;
  #nextDraw: NodeJS.Timeout | undefined;
  #tick: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: StatusLineOptions) {
    this.#options = options;
  }

  emit(event: KitEvent): void {
    if (this.#closed) return;
    switch (event.type) {
      case 'step-started':
        this.#running.set(event.step, {
          startedMs: this.#options.now(),
          title: event.title,
          lastSeconds: event.lastSeconds,
        });
        // The elapsed time advances while the tool is silent. Alone it must not keep the program alive.
        this.#tick ??= setInterval(() => {
          this.#schedule();
        }, TICK_MS).unref();
        break;
      case 'step-progress': {
        const step = this.#running.get(event.step);
        if (step === undefined) break;
        step.progress = describeProgress(event);
        step.share = describeShare(event);
        break;
      }
      case 'tool-line': {
        const step = this.#running.get(event.step);
        // Shortened only when drawn: a noisy tool prints far more lines than are ever shown.
        if (step !== undefined) step.lastLine = event.line;
        break;
      }
      case 'step-finished':
        this.#running.delete(event.step);
        // The summary counts fresh ones.
        if (event.outcome !== 'fresh') this.#finished.push(this.#finishedLine(event));
        break;
      case 'compiler-cache':
        // The summary shows it.
        break;
      case 'note':
        this.#finished.push(`${this.#style('cyan', 'note:')} ${describeMessage(event)}`);
        break;
      case 'warning':
        this.#finished.push(`${this.#style('yellow', 'warning:')} ${describeMessage(event)}`);
        break;
    }
    this.#schedule();
  }

  line(text: string): void {
    this.#finished.push(text);
    this.#draw();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#nextDraw);
    clearInterval(this.#tick);
    this.#running.clear();
    this.#draw();
  }

  #schedule(): void {
    if (this.#nextDraw !== undefined) return;
    const waitMs = Math.max(0, this.#lastDrawMs + REDRAW_MS - this.#options.now());
    this.#nextDraw = setTimeout(() => {
      this.#nextDraw = undefined;
      this.#draw();
    }, waitMs);
  }

  #draw(): void {
    const columns = this.#columns();
    const live = this.#liveLines(columns);
    if (this.#finished.length === 0 && live.join('\n') === this.#shown.join('\n')) return;
    let text = this.#shown.length > 0 ? this.#takeBack(columns) : '';
    for (const line of this.#finished) text += `${line}\n`;
    if (live.length > 0 && this.#shown.length === 0) text += HIDE_CURSOR;
    // The cursor waits at the start of the last line, where an echoed ^C cannot make the line wrap.
    if (live.length > 0) text += `${live.map((line) => this.#paintLive(line)).join('\n')}\r`;
    if (live.length === 0 && this.#shown.length > 0) text += SHOW_CURSOR;
    this.#options.stream.write(text);
    this.#finished = [];
    this.#shown = live;
    this.#lastDrawMs = this.#options.now();
  }

  /**
   * Moves to the first live line and clears from there. A terminal that became narrower has wrapped
   * the lines above the cursor (xterm, which cuts them instead, is the exception and loses a line here).
   */
  #takeBack(columns: number): string {
    const above = this.#shown.slice(0, -1);
    const rows = above.reduce((sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / columns)), 0);
    return `\r${cursorUp(rows)}${CLEAR_BELOW}`;
  }

  #liveLines(columns: number): string[] {
    const lines = [...this.#running].map(([name, step]) => this.#liveLine(name, step, columns));
    if (lines.length <= MAX_LIVE_LINES) return lines;
    const hidden = lines.length - MAX_LIVE_LINES + 1;
    return [
      ...lines.slice(0, MAX_LIVE_LINES - 1),
      truncateToWidth(`… and ${hidden} more steps`, columns - 1),
    ];
  }

  #liveLine(name: string, step: RunningStep, columns: number): string {
    const elapsed = formatClock((this.#options.now() - step.startedMs) / 1000);
    const times = `${elapsed}${lastTime(step, formatClock)}`;
    // One column stays free: text in the last one makes some terminals wrap.
    const room = columns - 1;
    const leads = [
      joinParts(name, times, step.progress),
      joinParts(name, times, step.share),
      joinParts(name, elapsed, step.share),
    ];
    const lead = leads.find((text) => displayWidth(text) <= room) ?? joinParts(name, elapsed);
    const free = room - displayWidth(lead) - GAP.length;
    if (free < MIN_TOOL_LINE_COLUMNS) return truncateToWidth(lead, room);
    const said = toPrintable(step.lastLine ?? '');
    return joinParts(lead, truncateToWidth(said === '' ? toPrintable(step.title) : said, free));
  }

  #finishedLine(event: Extract<KitEvent, { type: 'step-finished' }>): string {
    const line = truncateToWidth(`${event.step}: ${describeOutcome(event)}`, this.#columns() - 1);
    const nameEnd = event.step.length + 1;
    return line.slice(0, nameEnd) + this.#style(OUTCOME_STYLE[event.outcome], line.slice(nameEnd));
  }

  #paintLive(line: string): string {
    const name = line.slice(0, Math.max(0, line.indexOf(' ')));
    return this.#running.has(name) ? this.#style('bold', name) + line.slice(name.length) : line;
  }

  #columns(): number {
    const columns = this.#options.columns();
    // Serial consoles and some pseudo terminals report 0.
    return columns > 0 ? columns : FALLBACK_COLUMNS;
  }

  #style(style: Style, text: string): string {
    if (!this.#options.colour || text === '') return text;
    // validateStream would check stdout, which may be a file while this stream is the terminal.
    return styleText(style, text, { validateStream: false });
  }
}

function joinParts(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(GAP);
}
