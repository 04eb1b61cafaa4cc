import { expect, test } from 'vitest';
import { checkContainers } from '../../../toolkit/guest-checks/check-containers.ts';

/** The facts that are printed about a container that runs. */
const FACTS = '== config\nlxc.cap.drop = sys_time\n== status\nName:\tinit\nCapBnd:\t0000000000000001\n';

/** Answers the questions of the check in turn; what is asked last is asked of the last one. */
function guest(...answers: readonly string[]) {
  const asked: string[] = [];
  let next = 0;
  return {
    asked,
    ask: (script: string): Promise<string> => {
      asked.push(script);
      if (script === 'sleep 1') return Promise.resolve('');
      if (script === 'cat /proc/self/mountinfo') return Promise.resolve('');
      if (script.startsWith('proc=')) return Promise.resolve(FACTS);
      return Promise.resolve(answers[Math.min(next++, answers.length - 1)] ?? '');
    },
  };
}

const RUNS = (name: string, pid: number): string =>
  `== state ${name}\nState: RUNNING\nPID: ${pid}\n== stat ${name}\n`;
const STOPPED = (name: string): string => `== state ${name}\nState: STOPPED\n== stat ${name}\n`;
const at = (seconds: number, ...rest: readonly string[]): string =>
  `== uptime\n${seconds}.00 1.0\n== processes\ninit\n== not started\n${rest.join('')}`;

test('containers that run are cases without a failure', async () => {
  const { ask, asked } = guest(at(9, RUNS('a', 5), RUNS('b', 6)));
  const expected = ['a', 'b'].map((name) => ({ name, delaySeconds: 0 }));
  expect(await checkContainers(expected, 'v2').run(ask)).toEqual([
    { name: 'container a', failures: [], warnings: [] },
    { name: 'container b', failures: [], warnings: [] },
  ]);
  expect(asked.filter((script) => script.startsWith('proc='))).toHaveLength(2);
});

test('one that is not up yet is asked for again; one that never comes up is a failure with its reason', async () => {
  const { ask, asked } = guest(
    at(3, STOPPED('a'), STOPPED('b')),
    at(5, RUNS('a', 5), STOPPED('b')),
    at(12, RUNS('a', 5), STOPPED('b')),
    '== first log\nlxc-start b 20261130011124.610 ERROR    conf - ../src/lxc/conf.c:f:1 - No space\n',
  );
  const expected = ['a', 'b'].map((name) => ({ name, delaySeconds: 0 }));
  expect(await checkContainers(expected, 'v2').run(ask)).toEqual([
    { name: 'container a', failures: [], warnings: [] },
    {
      name: 'container b',
      failures: ['b is STOPPED: LXC could not start it\n  LXC: ERROR No space'],
      warnings: [],
    },
  ]);
  expect(asked.filter((script) => script === 'sleep 1')).toHaveLength(2);
});

test('a container of an overlay that LXC starts at boot is checked, too', async () => {
  const { ask } = guest(
    at(3, 'own 2\n'),
    at(4, 'own 2\n', '== state own\nState: FROZEN\nPID: 9\n== stat own\n'),
    at(20, 'own 2\n', '== state own\nState: FROZEN\nPID: 9\n== stat own\n'),
  );
  expect(await checkContainers([], 'v2').run(ask)).toEqual([
    { name: 'container own', failures: ['own stays FROZEN instead of RUNNING'], warnings: [] },
  ]);
});

test('one that runs otherwise than its configuration says', async () => {
  const { ask } = guest(at(9, RUNS('a', 5)));
  const asLoose = (script: string): Promise<string> =>
    ask(script).then((answer) => answer.replace('0000000000000001', '0000000002000000'));
  expect(await checkContainers([{ name: 'a', delaySeconds: 0 }], 'v2').run(asLoose)).toEqual([
    {
      name: 'container a',
      failures: ['a: it still has sys_time: lxc.cap.drop is not in force'],
      warnings: [],
    },
  ]);
});

test('a container that LXC does not know', async () => {
  const { ask } = guest(
    at(3, "== state gone\ngone doesn't exist\n== stat gone\n"),
    at(20, "== state gone\ngone doesn't exist\n== stat gone\n"),
  );
  expect(await checkContainers([{ name: 'gone', delaySeconds: 0 }], 'v2').run(ask)).toEqual([
    { name: 'container gone', failures: ["LXC does not know gone: gone doesn't exist"], warnings: [] },
  ]);
});
