import { expect, test } from 'vitest';
import {
  deathReportScript,
  describeDeath,
  readDeathReport,
} from '../../../toolkit/guest-checks/death-report.ts';
import { runGuestScript } from '../../rigs/run-guest-script.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

const STARTED = `lxc-start web 20261130011124.604 NOTICE   start - ../src/lxc/start.c:start:2194 - Exec'ing "/bin/app"`;
const GAVE_UP = `lxc-start web 20261130011124.604 WARN     cgfsng - ../src/lxc/cgroups/cgfsng.c:destroy:1 - not shown
lxc-start web 20261130011124.610 ERROR    start - ../src/lxc/start.c:start:2197 - No such file or directory - Failed to exec "/bin/app"
lxc-start web 20261130011124.700 ERROR    lxc_start - ../src/lxc/tools/lxc_start.c:main:306 - The container failed to start`;
const ended = (how: string): string =>
  `lxc-start web 20261130011125.001 INFO     error - ../src/lxc/error.c:lxc_error_set_and_log:31 - Child <75> ended on ${how}`;

const printed = (sections: Readonly<Record<string, string>>): string =>
  Object.entries(sections)
    .map(([title, text]) => `== ${title}\n${text}\n`)
    .join('');

test.each<[what: string, sections: Readonly<Record<string, string>>, sentence: string]>([
  [
    'LXC gives up',
    { 'first log': GAVE_UP, kernel: '' },
    `web is STOPPED: LXC could not start it
  LXC: ERROR No such file or directory - Failed to exec "/bin/app"`,
  ],
  [
    'the first process ends by itself',
    {
      'first log': `${STARTED}\n${ended('error (127)')}`,
      exit: '127',
      printed: '/bin/app: libx.so.1: not found',
    },
    `web is STOPPED: its first process ended with exit code 127
  web: /bin/app: libx.so.1: not found`,
  ],
  [
    'it is done',
    { 'first log': STARTED, exit: '0', 'second log': STARTED, printed: '' },
    `web is STOPPED: its first process ended with exit code 0
  autostart is for a command that keeps running: remove autostart and start this one from a script in /etc/init.d, or keep the command running`,
  ],
  [
    'it is killed, and the log of the boot does not say so',
    { 'first log': '', exit: '139', 'second log': `${STARTED}\n${ended('signal SIGSEGV(11)')}`, printed: '' },
    'web is STOPPED: its first process was killed by SIGSEGV (11)',
  ],
  [
    'it needs more memory than it has',
    {
      'first log': `${STARTED}\n${ended('signal (9)')}`,
      kernel:
        '[ 9.1] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/lxc.payload.web,task_memcg=/lxc.payload.web,task=app,pid=75,uid=0',
      exit: '137',
      printed: '',
    },
    `web is STOPPED: its first process was killed by SIGKILL (9), because the memory limit was reached
  raise limits.memory`,
  ],
  [
    'another one was out of memory',
    {
      'first log': `${STARTED}\n${ended('signal (9)')}`,
      kernel:
        '[ 9.1] oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/lxc.payload.web2,task_memcg=/x,task=web,pid=75',
    },
    'web is STOPPED: its first process was killed by SIGKILL (9)',
  ],
  [
    'LXC warns at every start, and the first process ends by itself',
    {
      'first log': `lxc-start web 20261130011124.1 WARN     cgroup - cgroup.c:cgroup_attach:1 - Not attaching to cgroup cpu\n${ended('error (1)')}`,
      exit: '1',
      printed: 'sorry',
    },
    `web is STOPPED: its first process ended with exit code 1
  web: sorry`,
  ],
  [
    'LXC warns, and nothing says how it ended',
    { 'first log': 'lxc-start web 20261130011124.1 WARN     conf - conf.c:x:1 - no root filesystem' },
    `web is STOPPED: LXC logged no reason
  LXC: WARN no root filesystem`,
  ],
  [
    'LXC up to 2.0, whose log has no names',
    {
      'first log':
        "      lxc-start 1795997484.604 ERROR    lxc_conf - conf.c:mount_entry:1711 - No such file or directory - failed to mount '/x' on '/y'",
    },
    `web is STOPPED: LXC could not start it
  LXC: ERROR No such file or directory - failed to mount '/x' on '/y'`,
  ],
  [
    'it was started too early',
    {
      'first log': `${STARTED}\n${ended('error (1)')}`,
      runs: '',
      exit: '137',
      'second log': ended('signal (9)'),
      printed: 'ready',
    },
    `web is STOPPED: its first process ended with exit code 1; started again, it runs
  web: ready
  if it needs another container or a script, start it later with autostart.order`,
  ],
  [
    'a script of the user does not start it',
    { 'first log': '', runs: '', exit: '137', 'second log': ended('signal (9)'), printed: '' },
    `web is STOPPED: nothing started it, or something it needs came too late; started again, it runs
  if it needs another container or a script, start it later with autostart.order`,
  ],
])('%s', (_what, sections, sentence) => {
  expect(describeDeath('web', 'STOPPED', readDeathReport(printed(sections), 'web'))).toBe(sentence);
});

/** Runs the script with an lxc-start of which the text is given, and the log of the boot in a folder. */
function runScript(
  lxcStart: string,
  logFolder?: string,
  more: Readonly<Record<string, string>> = {},
): string {
  return runGuestScript(deathReportScript('lxc-kit-test', logFolder), {
    'lxc-start': lxcStart,
    'lxc-stop': 'kill $(cat "$0.pid")',
    dmesg: 'exit 1',
    ...more,
  });
}

test('the script starts the container in the foreground and brings back its words and exit code', () => {
  const output = runScript(
    '[ "$1" = --help ] && echo " -F, --foreground" && exit; echo "$@" | cut -d/ -f1; echo sorry >&2; exit 3',
  );
  const report = readDeathReport(output, 'lxc-kit-test');
  expect(report).toMatchObject({
    ending: { kind: 'exit', code: 3 },
    printed: ['-F -n lxc-kit-test -o ', 'sorry'],
    runsNow: false,
  });
});

test('a release without that option is not given it, and one that runs is ended', () => {
  const output = runScript(
    '[ "$1" = --help ] && exit; echo "$1 $2"; echo $$ > "${0%start}stop.pid"; exec sleep 60',
    undefined,
    // On a busy machine lxc-start may begin after the seconds that the script waits for it.
    { sleep: 'until [ -s "${0%sleep}lxc-stop.pid" ]; do command -p sleep 0.05; done; exec /bin/sleep "$1"' },
  );
  expect(readDeathReport(output, 'lxc-kit-test')).toMatchObject({
    ending: { kind: 'unknown' },
    printed: ['-n lxc-kit-test'],
    runsNow: true,
  });
});

const endedAsLogged = (log: string): string => {
  const folder = scratchDir();
  writeFiles(folder, { 'lxc-kit-test.log': `${log}\n` });
  const output = runScript('[ "$1" = --help ] && exit; echo sorry; exit 1', folder);
  return describeDeath('web', 'STOPPED', readDeathReport(output, 'lxc-kit-test'));
};

test('does not take the usual errors of lxc-start for a failure of LXC', () => {
  const log = `lxc-start 1795997484.604 ERROR    lxc_start - start.c:lxc_spawn:1 - Invalid argument - setting cmdline failed
lxc-start 20261130073938.000 WARN     lxc_commands - commands.c:lxc_cmd_rsp_recv:172 - Command get_cgroup failed to receive response: Connection reset by peer.
lxc-start 20261130073938.337 INFO     lxc_error - error.c:lxc_error_set_and_log:49 - Child <131> ended on error (1).
lxc-start 20261130073938.528 ERROR    lxc_start_ui - tools/lxc_start.c:main:366 - The container failed to start.
lxc-start 20261130073938.569 ERROR    lxc_start_ui - tools/lxc_start.c:main:369 - Additional information can be obtained by setting the --logfile and --logpriority options.`;
  expect(endedAsLogged(log)).toBe('web is STOPPED: its first process ended with exit code 1\n  web: sorry');
});

test('where LXC gave up it is not started again', () => {
  expect(endedAsLogged(GAVE_UP)).toBe(
    'web is STOPPED: LXC could not start it\n  LXC: ERROR No such file or directory - Failed to exec "/bin/app"',
  );
});
