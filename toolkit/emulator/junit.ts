import type { BootProgress, CommandResult } from './boot-failure.ts';
import { BootFailure } from './boot-failure.ts';

/** One `testcase`. */
interface TestCase {
  readonly name: string;
  readonly seconds: number;
  readonly output?: string;
  /** Why it did not pass. */
  readonly failure?: string;
  /** Why it did not run: the guest had ended before. */
  readonly skipped?: string;
}

/**
 * Returns a boot as JUnit XML (the dialect that CI systems read, after github.com/testmoapp/junitxml):
 * one test case for the boot up to the shell, one for each item that a check of the guest looked at, and one for each
 * command, including those that never ran.
 */
export function junitReport(
  board: string,
  commands: readonly string[],
  outcome: BootProgress | BootFailure,
): string {
  const failure = outcome instanceof BootFailure ? outcome : undefined;
  const progress = outcome instanceof BootFailure ? outcome.progress : outcome;
  const cases = [
    bootCase(progress, failure),
    ...checkCases(commands, progress, failure),
    ...commands.map((command, i) => commandCase(command, i, progress, failure)),
  ];
  const failures = cases.filter((test) => test.failure !== undefined).length;
  const skipped = cases.filter((test) => test.skipped !== undefined).length;
  const seconds = cases.reduce((sum, test) => sum + test.seconds, 0);
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name=${attribute(`lxc-kit boot ${board}`)} ${counts}>`,
    ...cases.map((test) => formatCase(board, test)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function bootCase(progress: BootProgress, failure: BootFailure | undefined): TestCase {
  const name = 'boot to shell';
  if (progress.secondsToShell !== undefined) return { name, seconds: progress.secondsToShell };
  return {
    name,
    seconds: 0,
    failure: failure === undefined ? 'the shell did not come up' : describe(failure),
  };
}

/** Empty when there was nothing to check, or the boot ended before. The first case of a check has its time. */
function checkCases(
  commands: readonly string[],
  { checks, unfinished, commands: finished }: BootProgress,
  failure: BootFailure | undefined,
): TestCase[] {
  const done = checks.flatMap(({ cases, seconds }) =>
    cases.map(({ name, failures }, i) => ({
      name,
      seconds: i === 0 ? seconds : 0,
      ...(failures.length === 0 ? {} : { failure: failures.join('\n') }),
    })),
  );
  if (unfinished === undefined || unfinished.command === commands[finished.length]) return done;
  const why = failure === undefined ? 'it did not finish' : describe(failure);
  return [...done, { name: unfinished.command, seconds: unfinished.seconds, failure: why }];
}

function commandCase(
  command: string,
  index: number,
  progress: BootProgress,
  failure: BootFailure | undefined,
): TestCase {
  const result = progress.commands[index];
  if (result !== undefined) return finishedCase(result);
  const { unfinished } = progress;
  if (unfinished?.command === command && index === progress.commands.length) {
    return {
      name: command,
      seconds: unfinished.seconds,
      output: unfinished.output.toString('utf8'),
      failure: failure === undefined ? 'it did not finish' : describe(failure),
    };
  }
  return { name: command, seconds: 0, skipped: 'the guest had ended before' };
}

function finishedCase({ command, output, exitCode, seconds }: CommandResult): TestCase {
  const test = { name: command, seconds, output: output.toString('utf8') };
  return exitCode === 0 ? test : { ...test, failure: `exit code ${exitCode}` };
}

function describe(failure: BootFailure): string {
  return [failure.message, ...failure.lines].join('\n');
}

function formatCase(board: string, test: TestCase): string {
  const lines = [
    `    <testcase classname=${attribute(board)} name=${attribute(test.name)} time="${test.seconds.toFixed(3)}">`,
  ];
  if (test.failure !== undefined) {
    const [message = ''] = test.failure.split('\n');
    const detail = test.output === undefined ? test.failure : `${test.failure}\n${test.output}`;
    lines.push(`      <failure message=${attribute(message)}>${text(detail)}</failure>`);
  }
  if (test.skipped !== undefined) lines.push(`      <skipped message=${attribute(test.skipped)}/>`);
  if (test.output !== undefined) lines.push(`      <system-out>${text(test.output)}</system-out>`);
  lines.push('    </testcase>');
  return lines.join('\n');
}

function attribute(value: string): string {
  // A parser turns a bare line feed or tab in an attribute into a space.
  const escaped = text(value).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
  return `"${escaped}"`;
}

/** XML 1.0 cannot represent most control characters, unpaired surrogates, U+FFFE and U+FFFF. */
function text(value: string): string {
  return value
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;');
}
