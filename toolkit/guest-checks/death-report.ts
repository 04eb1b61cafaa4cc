import { readSections, sectionHead } from '../cgroups/guest-sections.ts';
import { shellWord } from './container-states.ts';

/** How long a restarted container must run to count as running. */
const RETRY_SECONDS = 8;

/** The part of a log that is read. */
const LOG_BYTES = 30_000;

/** The maximum number of lines shown from LXC and from the first process. */
const SHOWN_LINES = 12;

/** Parts of errors that lxc-start logs in any case; they give no reason. */
const NO_REASON = [
  // After every container that failed.
  'The container failed to start',
  'To get more details',
  'Additional information',
  // LXC 1.1 cannot name its process on a kernel without CHECKPOINT_RESTORE, and continues.
  'setting cmdline failed',
];

/** How a start ended, if known. */
export type Ending =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly number: number; readonly outOfMemory: boolean }
  /** LXC failed before the first process ran. */
  | { readonly kind: 'not-started' }
  | { readonly kind: 'unknown' };

/** The reason why a container does not run. */
export interface DeathReport {
  readonly ending: Ending;
  /** LXC's own lines, without the time and the place in its source. */
  readonly lxcLines: readonly string[];
  /** The output of the first process after the restart. */
  readonly printed: readonly string[];
  /** Whether it was still running a while after the restart. */
  readonly runsNow: boolean;
}

/**
 * Returns the script that prints the input of `readDeathReport`, for LXC 1.0 and later. If the log of the start does not
 * say that LXC failed, the first process ended. Its output is lost, so the script starts the container once more in the
 * foreground, and then stops it.
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
    // Up to 1.0 lxc-start always runs in the foreground and has no option for it.
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
    // Old releases warn at every start; if the first process ended by itself, that is not the reason.
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

/** Reads the exit code of lxc-start in the foreground; newer releases report a signal as 128 plus its number. */
function endingOfCode(code: number): Ending | undefined {
  return Number.isInteger(code) ? { kind: 'exit', code } : undefined;
}

/** Signals with the same number on all architectures (signal(7)). */
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

/** Describes a container that does not run in one sentence, followed by the lines that say why. */
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
        ? 'nothing started it, or something it needs came too late; started again, it runs'
        : 'LXC logged no reason';
  }
}

function adviceFor(ending: Ending, runsNow: boolean): string | undefined {
  if (ending.kind === 'exit' && ending.code === 0)
    return 'autostart is for a command that keeps running: remove autostart and start this one from a script in /etc/init.d, or keep the command running';
  if (ending.kind === 'signal' && ending.outOfMemory) return 'raise limits.memory';
  if (runsNow) return 'if it needs another container or a script, start it later with autostart.order';
  return undefined;
}
