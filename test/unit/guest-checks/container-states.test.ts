import { expect, test } from 'vitest';
import {
  areSettled,
  containerStatesScript,
  readContainerStates,
  type ContainerStates,
} from '../../../toolkit/guest-checks/container-states.ts';
import { runGuestScript } from '../../rigs/run-guest-script.ts';

/** /proc/PID/stat of a process whose name has blanks and parentheses. */
const STAT = (started: number): string =>
  `57 (init (1) main) S 55 57 57 0 -1 4194560 80 0 1 0 0 2 0 0 20 0 1 0 ${started} 1064960 32 4294967295`;

const PRINTED = `== uptime
12.50 3.10
== processes
init
rcS
== not started
late 3
gone 0
== state web
State:          RUNNING
PID:            57
== stat web
${STAT(1150)}
== state gone
State:          STOPPED
== stat gone
== state none
none doesn't exist
== stat none
`;

test('reads states, how long each container has run, and what LXC would start', () => {
  const states = readContainerStates(PRINTED);
  expect(states.uptimeSeconds).toBe(12.5);
  expect([...states.processes]).toEqual(['init', 'rcS']);
  expect([...states.notStarted]).toEqual([
    ['late', 3],
    ['gone', 0],
  ]);
  expect(states.byName.get('web')).toMatchObject({ state: 'RUNNING', pid: 57, ageSeconds: 1 });
  expect(states.byName.get('gone')).toEqual({ state: 'STOPPED', text: 'State:          STOPPED' });
  expect(states.byName.get('none')).toEqual({ state: undefined, text: "none doesn't exist" });
});

test('the lines of LXC 1.0 and 1.1 are as good', () => {
  const states = readContainerStates(
    '== uptime\n3.0 1.0\n== state a\nstate:   RUNNING\npid:      4\n== stat a\n',
  );
  expect(states.byName.get('a')).toMatchObject({ state: 'RUNNING', pid: 4 });
});

test('the script asks lxc-info for each container and survives tools that fail', () => {
  const output = runGuestScript(containerStatesScript(['web', 'b.c']), {
    'lxc-info':
      'case "$2" in web) echo "State: RUNNING"; echo "PID: 1";; *) echo "$2 doesn\'t exist" >&2; exit 1;; esac',
    'lxc-autostart': 'echo "web 2"; exit 1',
  });
  const states = readContainerStates(output);
  expect(states.uptimeSeconds).toBeGreaterThan(0);
  expect([...states.notStarted]).toEqual([['web', 2]]);
  expect(states.byName.get('web')).toMatchObject({ state: 'RUNNING', pid: 1 });
  expect(states.byName.get('web')?.ageSeconds).toBeGreaterThan(0);
  expect(states.byName.get('b.c')?.text).toBe("b.c doesn't exist");
});

/** The states in a guest after so many seconds; `a` is the age of the container in seconds, or its state. */
function statesAt(
  uptimeSeconds: number,
  a: number | string,
  processes: readonly string[] = [],
): ContainerStates {
  const state =
    typeof a === 'string' ? { state: a, text: '' } : { state: 'RUNNING', text: '', ageSeconds: a };
  return {
    uptimeSeconds,
    processes: new Set(processes),
    notStarted: new Map(),
    byName: new Map([['a', state]]),
  };
}

test.each<[why: string, latest: ContainerStates, settled: boolean]>([
  ['it has run for a while', statesAt(10, 2.5), true],
  ['it has only just started, and may end', statesAt(10, 0.4), false],
  ['it stands still, but not for long', statesAt(14, 'STOPPED'), false],
  ['it stands still, and nothing starts it', statesAt(19, 'STOPPED'), true],
  ['the boot script is still at it', statesAt(19, 'STOPPED', ['init', 'rcS']), false],
  ['so is a script that it calls', statesAt(19, 'STOPPED', ['S50containers']), false],
  ['LXC is at it', statesAt(19, 'STARTING'), false],
  ['the delays before it are over, and a minute', statesAt(80, 'STOPPED', ['rcS']), true],
  ['a minute is over, but not the delays', statesAt(74, 'STOPPED', ['rcS']), false],
  ['LXC does not know it', { ...statesAt(19, 'x'), byName: new Map() }, true],
])('%s', (_why, latest, settled) => {
  expect(areSettled(statesAt(10, 'STOPPED'), latest, ['a'], 5)).toBe(settled);
});

test('a board without containers has nothing to wait for', () => {
  expect(areSettled(statesAt(1, 'STOPPED'), statesAt(1, 'STOPPED'), [], 0)).toBe(true);
});
