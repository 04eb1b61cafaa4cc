import { readSections, sectionHead } from '../containers/guest-sections.ts';
import { shellWord } from './container-states.ts';

/** How long a container that is started again may run before it counts as one that runs. */
const RETRY_SECONDS = 8;

/** As much of a log as is looked at. */
const LOG_BYTES = 30_000;

/** Lines that are shown of each: what LXC printed, and what the first process printed. */
const SHOWN_LINES = 12;

/** Parts of errors that lxc-start logs whatever ended the container; they give no reason. */
const NO_REASON = [
  // After every container that ended badly.
  'The container failed to start',
  'To get more details',
  'Additional information',
  // LXC 1.1 cannot name its process on a kernel without CHECKPOINT_RESTORE, and goes on.
  'setting cmdline failed',
];

/** How a start ended, as far as is known. */
export type Ending =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly number: number; readonly outOfMemory: boolean }
  /** LXC gave up before the first process ran. */
  | { readonly kind: 'not-started' }
  | { readonly kind: 'unknown' };

/** Why a container does not run. */
export interface DeathReport {
  readonly ending: Ending;
  /** LXC's own lines, without time and place in its source. */
  readonly lxcLines: readonly string[];
  /** What the first process printed when it was started again. */
  readonly printed: readonly string[];
  /** Started again, it was still there after a while. */
  readonly runsNow: boolean;
}

/**
 * Prints what `readDeathReport` reads, with any LXC from 1.0 on. Where the log of the start does not say that LXC gave up,
 * it is the first process that ended. It wrote to /dev/null, or to a terminal that keeps nothing, so the container is
 * started once more in the foreground, and ended.
 */
export function deathReportScript(name: string, logFolder = '/var/log/lxc'): string {
  const noReason = NO_REASON.map((text) => `-e ${shellWord(text)}`).join(' ');
  return [
    `name=${shellWord(name)}`,
    `first=${shellWord(logFolder)}/$name.log`,
    'for dir in /run /tmp /dev/shm /; do dir=$dir/lxc-kit-check; mkdir -p "$dir" 2>/dev/null && break; done',
    `${sectionHead('first log')}; tail -c ${LOG_BYTES} "$first" 2>/dev/null`,
    `${sectionHead('kernel')}; dmesg | grep -i -e oom-kill -e 'out of memory' | tail -n 20`,
    `grep " ERROR " "$first" 2>/dev/null | grep -q -v ${noReason} && exit 0`,
    // Up to 1.0 the foreground is what lxc-start does, and there is no option for it.
    'foreground=; lxc-start --help 2>&1 | grep -q -e --foreground && foreground=-F',
    'lxc-start $foreground -n "$name" -o "$dir/log" -l INFO -L "$dir/console" </dev/null >"$dir/out" 2>&1 &',
    `pid=$!; i=0; while [ $i -lt ${RETRY_SECONDS} ] && kill -0 $pid 2>/dev/null; do sleep 1; i=$((i + 1)); done`,
    `if kill -0 $pid 2>/dev/null; then ${sectionHead('runs')}; lxc-stop -n "$name" -k >/dev/null 2>&1; fi`,
    `wait $pid; code=$?; ${sectionHead('exit')}; echo $code`,
    `${sectionHead('second log')}; tail -c ${LOG_BYTES} "$dir/log" 2>/dev/null`,
    `${sectionHead('printed')}; cat "$dir/out" "$dir/console" 2>/dev/null | tail -c 4000; echo`,
    'rm -rf "$dir"; true',
  ].join('\n');
}

export function readDeathReport(output: string, name: string): DeathReport {
  const sections = readSections(output);
  const [first, second] = ['first log', 'second log'].map((title) => readLog(sections.get(title) ?? ''));
  const kernel = sections.get('kernel') ?? '';
  const runsNow = sections.has('runs');
  const exitCode = Number(sections.get('exit') ?? 'NaN');
  const outOfMemory = kernel
    .split('\n')
    .some((line) => new RegExp(`oom_memcg=\\S*[/.]${name}(?:[/,]|$)`).test(line));
  const ending = endingOf(first, outOfMemory) ??
    (runsNow ? undefined : (endingOf(second, outOfMemory) ?? endingOfCode(exitCode))) ?? {
      kind: 'unknown' as const,
    };
  const lxcLines = (first?.lines.length ?? 0) > 0 || runsNow ? (first?.lines ?? []) : (second?.lines ?? []);
  return {
    ending,
    // Old releases warn at every start. Where the first process ended by itself, that is not why.
    lxcLines: ending.kind === 'exit' || ending.kind === 'signal' ? [] : lxcLines.slice(-SHOWN_LINES),
    printed: (sections.get('printed') ?? '')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('lxc-start: '))
      .slice(-SHOWN_LINES),
    runsNow,
  };
}

interface StartLog {
  readonly lines: readonly string[];
  readonly ended?: { readonly code: number } | { readonly signal: number };
}

/** A log of `lxc-start -l INFO`: `lxc-start NAME 20261130005640.123 ERROR    start - ../src/lxc/start.c:start:2197 - text`. */
function readLog(text: string): StartLog {
  const lines: string[] = [];
  let ended: StartLog['ended'];
  for (const line of text.split('\n')) {
    const [, level = '', rest = ''] =
      /^\s*\S+ .*?\b\d+\.\d+ (TRACE|DEBUG|INFO|NOTICE|WARN|ERROR|CRIT|ALERT|FATAL) +(.*)$/.exec(line) ?? [];
    const [, message = rest] = /^\S+ - [^\s]+:\d+ - (.*)$/.exec(rest) ?? [];
    const [, how, detail = ''] = /hild <-?\d+> ended on (error|signal) (.*)$/.exec(message) ?? [];
    const number = Number(/\((\d+)\)/.exec(detail)?.[1]);
    if (how === 'error') ended = { code: number };
    else if (how === 'signal') ended = { signal: number };
    else if (
      /^(?:WARN|ERROR|CRIT|ALERT|FATAL)$/.test(level) &&
      !NO_REASON.some((text) => message.includes(text))
    )
      lines.push(`${level} ${message}`);
  }
  const errors = lines.filter((line) => !line.startsWith('WARN'));
  return { lines: errors.length > 0 ? errors : lines, ...(ended === undefined ? {} : { ended }) };
}

function endingOf(log: StartLog | undefined, outOfMemory: boolean): Ending | undefined {
  if (log === undefined) return undefined;
  if (log.lines.some((line) => line.startsWith('ERROR'))) return { kind: 'not-started' };
  if (log.ended === undefined) return undefined;
  return 'code' in log.ended
    ? { kind: 'exit', code: log.ended.code }
    : { kind: 'signal', number: log.ended.signal, outOfMemory };
}

/** What lxc-start ends with in the foreground; LXC of today gives a signal as 128 and its number. */
function endingOfCode(code: number): Ending | undefined {
  return Number.isInteger(code) ? { kind: 'exit', code } : undefined;
}

/** Signals that have one number on all architectures (signal(7)). */
const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  15: 'SIGTERM',
};

/** A container that does not run, in a sentence, with the lines that say why below it. */
export function describeDeath(name: string, state: string | undefined, report: DeathReport): string {
  const { lxcLines, printed, runsNow } = report;
  return [
    `${name} is ${state ?? 'unknown to LXC'}: ${describeEnding(report)}`,
    ...lxcLines.map((line) => `  LXC: ${line}`),
    ...printed.map((line) => `  ${name}: ${line}`),
    ...[adviceFor(report.ending, runsNow)].flatMap((advice) => (advice === undefined ? [] : [`  ${advice}`])),
  ].join('\n');
}

function describeEnding({ ending, runsNow }: DeathReport): string {
  const again = runsNow ? '; started again, it runs' : '';
  switch (ending.kind) {
    case 'exit':
      return `its first process ended with exit code ${ending.code}${again}`;
    case 'signal': {
      const name = SIGNALS[ending.number];
      const signal = name === undefined ? `signal ${ending.number}` : `${name} (${ending.number})`;
      return `its first process was killed by ${signal}${ending.outOfMemory ? ', because the memory limit was reached' : ''}${again}`;
    }
    case 'not-started':
      return `LXC could not start it${again}`;
    case 'unknown':
      return runsNow
        ? 'nothing started it, or what it needs came later; started again, it runs'
        : 'LXC left no reason';
  }
}

function adviceFor(ending: Ending, runsNow: boolean): string | undefined {
  if (ending.kind === 'exit' && ending.code === 0)
    return 'a command that ends is nothing to autostart: take autostart away and start it from a script in /etc/init.d, or let the command go on';
  if (ending.kind === 'signal' && ending.outOfMemory) return 'give it more: limits.memory';
  if (runsNow) return 'if it needs another container or a script, start it after that: autostart.order';
  return undefined;
}
