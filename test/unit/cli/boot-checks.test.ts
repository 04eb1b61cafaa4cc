import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { KitError } from '../../../toolkit/base/errors.ts';
import { containerSchema } from '../../../toolkit/board/container-schema.ts';
import { autostarted, guestChecks, throwFailures } from '../../../toolkit/cli/boot-checks.ts';
import { exitCodeOf } from '../../../toolkit/cli/exit-codes.ts';
import type { CheckResult } from '../../../toolkit/emulator/boot-failure.ts';
import { sampleBuild } from '../../rigs/step-context.ts';
import { scratchDir } from '../scratch.ts';

const command = (text: string, exitCode: number) => ({
  command: text,
  output: Buffer.from(''),
  exitCode,
  seconds: 1,
});

const check = (name: string, ...failures: readonly (readonly string[])[]): CheckResult => ({
  name,
  seconds: 1,
  cases: failures.map((found, index) => ({ name: `case ${index}`, failures: found, warnings: ['loose'] })),
});

/** How a boot ends in which these checks and commands came to their end; undefined when all is well. */
function endOf(
  checks: readonly CheckResult[],
  commands: readonly ReturnType<typeof command>[] = [command('true', 0)],
): KitError | undefined {
  try {
    throwFailures({ secondsToShell: 3, checks, commands }, 'v2', 'logs/console.log');
    return undefined;
  } catch (error) {
    if (!(error instanceof KitError)) throw error;
    expect(exitCodeOf(error)).toBe(5);
    expect(error.logFile).toBe('logs/console.log');
    return error;
  }
}

describe('a boot', () => {
  test('ends well when every command exited 0 and no check found a failure, whatever it warned of', () => {
    expect(endOf([check('cgroups', []), check('containers', [], [])])).toBeUndefined();
    expect(endOf([], [])).toBeUndefined();
  });

  test('fails for a container that does not run, though the command exited 0', () => {
    const stopped = 'b is STOPPED: LXC could not start it\n  LXC: ERROR No space';
    expect(endOf([check('containers', [], [stopped], ['c: it still has sys_time'])])).toMatchObject({
      message: '2 of 3 containers are not as defined',
      lines: ['b is STOPPED: LXC could not start it', '  LXC: ERROR No space', 'c: it still has sys_time'],
      hint: 'the console shows more: npx lxc-kit boot, then lxc-start -F -n NAME -l DEBUG',
    });
    expect(endOf([check('containers', [stopped], [])])?.message).toBe('1 of 2 containers is not as defined');
  });

  test('fails for the cgroups first: without them no limit is in force', () => {
    expect(
      endOf([check('cgroups', ['/sys/fs/cgroup is v1']), check('containers', ['a is STOPPED'])]),
    ).toMatchObject({
      message: 'the guest\'s cgroups do not match "cgroup: v2"',
      lines: ['/sys/fs/cgroup is v1', 'a is STOPPED'],
      hint: '/etc/init.d/rcS has to mount them before containers are started; see docs/lxc-compatibility.md',
    });
  });

  test('fails for a command, with each that failed and its exit code', () => {
    const commands = [command('true', 0), command('test -e /x', 1), command('app --check', 127)];
    expect(endOf([check('containers', [])], commands)).toMatchObject({
      message: '2 of 3 commands failed in the guest',
      lines: ['exit code 1: test -e /x', 'exit code 127: app --check'],
    });
    expect(endOf([check('containers', ['a is STOPPED'])], commands)).toMatchObject({
      message: '1 of 1 containers is not as defined',
      lines: [
        'a is STOPPED',
        '2 of 3 commands failed in the guest',
        'exit code 1: test -e /x',
        'exit code 127: app --check',
      ],
    });
  });
});

describe('a container', () => {
  test.each<[string, string, number | undefined]>([
    ['starts at boot', 'autostart: true', 0],
    ['has a delay after it', 'autostart: { order: 1, delay: 7 }', 7],
    ['has only its place', 'autostart: { order: 1 }', 0],
    ['starts at boot by a line in raw', 'raw: [ "lxc.start.auto = 1" ]', 0],
    ['is started by hand', 'autostart: false', undefined],
    ['has only the delay in raw', 'raw: [ "lxc.start.delay = 5" ]', undefined],
    ['says 0 in raw', 'raw: [ "lxc.start.auto = 0" ]', undefined],
    ['says 0 in raw beside autostart', 'autostart: true, raw: [ "lxc.start.auto = 0" ]', undefined],
    ['says 1 and then 0 in raw', 'raw: [ "lxc.start.auto = 1", "lxc.start.auto = 0" ]', undefined],
    ['has its delay in raw', 'autostart: { delay: 7 }, raw: [ "lxc.start.delay = 9" ]', 9],
  ])('%s', (_what, yaml, delaySeconds) => {
    const container = containerSchema.parse(
      parse(`{ name: web, kind: application, command: [/bin/sh], bind: [/bin/sh], ${yaml} }`),
    );
    expect(autostarted(container)).toEqual(delaySeconds === undefined ? [] : [{ name: 'web', delaySeconds }]);
  });
});

test('lists the checks for a board', async () => {
  const names = async (
    board: Readonly<Record<string, unknown>>,
    skipContainerCheck = false,
  ): Promise<string[]> =>
    guestChecks(await sampleBuild(scratchDir(), board), { skipContainerCheck }).map(({ name }) => name);
  expect(await names({})).toEqual(['cgroup layout v2', 'containers']);
  expect(await names({}, true)).toEqual(['cgroup layout v2']);
  // An overlay may have containers that LXC starts at boot.
  expect(await names({ containers: [] })).toEqual(['containers']);
});
