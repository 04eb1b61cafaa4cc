import { describe, expect, test } from 'vitest';
import { containerSchema, type ContainerDefinition } from '../../../toolkit/board/container-schema.ts';
import { giveIdRanges } from '../../../toolkit/board/give-id-ranges.ts';
import { confinedContainer } from '../../../toolkit/confinement/confined-container.ts';
import { fitDevice } from '../../../toolkit/confinement/fit-device.ts';
import { escapeClasses, type ConfiningDevice } from '../../../toolkit/confinement/measure.ts';
import { confiningSymbols, measures } from '../../../toolkit/confinement/measures.ts';
import { ProblemList } from '../../../toolkit/lxc-keys/problem-list.ts';

function device(changes: Partial<ConfiningDevice> = {}): ConfiningDevice {
  return {
    kernelVersion: '6.1.192',
    hasSymbol: () => true,
    lxcVersion: '5.0.2',
    cgroup: 'v2',
    hasFeature: () => true,
    limits: { memory: '64M', pids: 256 },
    ...changes,
  };
}

function defined(more: Readonly<Record<string, unknown>>): ContainerDefinition {
  const [container] = giveIdRanges([containerSchema.parse({ name: 'web', ...more })]);
  if (container === undefined) throw new Error('no container');
  return container;
}

/** The row that these tests are about. */
const NAMESPACE = measures.filter(({ name }) => name === 'user-namespace');

const without = (lost: string) => device({ hasSymbol: (symbol) => symbol !== lost });
const byHand = { idmap: [{ kind: 'uid', container: 0, host: 100_000, count: 65_536 }] };

describe('a container on a device that can confine it', () => {
  test.each([[{}], [{ privileged: false }], [byHand]])('%j stays as it is', (more) => {
    const problems = new ProblemList();
    const container = defined(more);
    const fitted = fitDevice(container, device(), problems, NAMESPACE);
    expect(fitted).toEqual({ container, missing: [] });
    expect(problems.errors).toEqual([]);
  });

  test('with privileged: true has chosen to be less', () => {
    const fitted = fitDevice(defined({ privileged: true }), device(), new ProblemList(), NAMESPACE);
    expect(fitted.missing).toEqual([
      {
        measure: 'user-namespace',
        why: 'privileged: true',
        chosen: true,
        open: Object.keys(escapeClasses),
        message:
          'container web runs without a user namespace (privileged: true): its root is the root of the device',
      },
    ]);
    expect(confinedContainer(fitted)).toMatchObject({ name: 'web', privileged: true, idmap: [] });
  });
});

describe('a container on a device that cannot', () => {
  test.each([
    [without('USER_NS'), 'the kernel has no CONFIG_USER_NS'],
    [device({ kernelVersion: '3.7.10' }), 'Linux 3.7.10 does not have it; 3.8 and later do'],
    [device({ lxcVersion: '0.9.0' }), 'LXC 0.9.0 does not have it; 1.0.0 and later do'],
  ])('loses what is only a default, and the rest is named', (poor, why) => {
    const problems = new ProblemList();
    const fitted = fitDevice(defined({}), poor, problems, NAMESPACE);
    expect(problems.errors).toEqual([]);
    expect(fitted.container.idmap).toEqual([]);
    expect(confinedContainer(fitted).privileged).toBe(true);
    expect(fitted.missing).toMatchObject([{ measure: 'user-namespace', why, chosen: false }]);
    expect(fitted.missing[0]?.message).toContain(
      'its root is the root of the device, and these stay open to it: device nodes, mounts of disks,',
    );
  });

  test.each([
    [{ privileged: false }, without('USER_NS'), 'set CONFIG_USER_NS=y in kernel.config'],
    [byHand, without('USER_NS'), 'set CONFIG_USER_NS=y in kernel.config'],
    [{ privileged: false }, device({ kernelVersion: '3.4' }), 'use Linux 3.8 or later'],
  ])('%j is refused, because it asks in so many words', (more, poor, remedy) => {
    const problems = new ProblemList();
    fitDevice(defined(more), poor, problems, NAMESPACE);
    expect(problems.errors).toHaveLength(1);
    expect(problems.errors[0]?.message).toMatch(/^web needs a user namespace, and /);
    expect(problems.errors[0]?.help).toBe(
      `${remedy}, or write "privileged: true" if you accept that its root is the root of the device`,
    );
  });
});

test('every measure stops something, and its symbols are asked for', () => {
  expect(measures.filter(({ stops }) => stops.length === 0)).toEqual([]);
  for (const { symbols } of measures)
    expect(confiningSymbols()).toEqual(expect.arrayContaining([...symbols]));
});
