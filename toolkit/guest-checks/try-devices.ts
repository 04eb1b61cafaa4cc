import { readSections, sectionHead } from '../cgroups/guest-sections.ts';
import type { Setting } from '../lxc-config/read-settings.ts';
import { shellWord } from './container-states.ts';

/** A device and a right to test: `r` and `w` open the device, `m` makes a node. */
export interface DeviceTry {
  readonly type: 'b' | 'c';
  readonly numbers: string;
  readonly right: 'r' | 'w' | 'm';
  readonly allowed: boolean;
  /** The rule that decides; undefined if there is none. */
  readonly rule: string | undefined;
}

/** Devices that are safe to open (drivers/char/mem.c); a number without a driver is safe too. */
const HARMLESS = ['c 1:3', 'c 1:5', 'c 1:7', 'c 1:8', 'c 1:9'];

/** Devices that containers do not use, tested if there are any rules. No driver has these numbers. */
const OTHERS = ['c 1:200', 'b 259:1048575'];

const RIGHTS = ['r', 'w', 'm'] as const;

/** Returns the tests of a container's rules that are safe for the devices. */
export function devicesToTry(rules: readonly Setting[]): DeviceTry[] {
  if (rules.length === 0) return [];
  const named = rules.flatMap(({ value }) => /^([bc] \d+:\d+) /.exec(value)?.[1] ?? []);
  return [...new Set([...HARMLESS, ...OTHERS, ...named])].flatMap((device) => {
    const [type, numbers = ''] = device.split(' ');
    if (type !== 'b' && type !== 'c') return [];
    // Opening a device of the board may start something, such as a watchdog; making a node does not.
    const rights = [...HARMLESS, ...OTHERS].includes(device) ? RIGHTS : (['m'] as const);
    return rights.map((right) => ({ type, numbers, right, ...decide(rules, type, numbers, right) }));
  });
}

/** The last rule for a device and a right decides; without one everything is allowed. */
function decide(
  rules: readonly Setting[],
  type: string,
  numbers: string,
  right: string,
): { readonly allowed: boolean; readonly rule: string | undefined } {
  const rule = rules.findLast(({ value }) => matches(value, type, numbers, right));
  if (rule === undefined) return { allowed: true, rule: undefined };
  return { allowed: rule.part === 'devices.allow', rule: `${rule.key} = ${rule.value}` };
}

function matches(value: string, type: string, numbers: string, right: string): boolean {
  const [ruleType = '', ruleNumbers = '', rights = 'rwm'] = value.split(/\s+/);
  if (ruleType === 'a') return true;
  const [major, minor] = numbers.split(':');
  const [ruleMajor, ruleMinor] = ruleNumbers.split(':');
  const same = (rule: string | undefined, number: string | undefined): boolean =>
    rule === '*' || rule === number;
  return ruleType === type && same(ruleMajor, major) && same(ruleMinor, minor) && rights.includes(right);
}

/**
 * Returns a script that runs the tests as a member of the container's group, that of `procsFile`: only the group
 * matters, so no program of the container is needed. It makes nodes in /dev, because /run and /tmp are mounted nodev.
 */
export function tryDevicesScript(tries: readonly DeviceTry[], procsFile: string): string {
  const devices = [...new Set(tries.map(deviceOf))];
  const node = (one: DeviceTry): string => `/dev/.lxc-kit-${devices.indexOf(deviceOf(one))}`;
  const mknod = (path: string, { type, numbers }: DeviceTry): string =>
    `mknod ${path} ${type} ${numbers.replace(':', ' ')}`;
  const enter = `echo $$ > ${procsFile} || exit 1`;
  // The shell itself opens the device: a process limit could refuse a fork.
  const opens = tries.flatMap((one) => {
    if (one.right === 'm') return [];
    return [
      `${sectionHead(`"${titleOf(one)}"`)}; true ${one.right === 'r' ? '<' : '>'} ${node(one)} && echo ok`,
    ];
  });
  return [
    ...devices.flatMap((device) => {
      const first = tries.find((one) => deviceOf(one) === device);
      return first === undefined ? [] : [`${mknod(node(first), first)} 2>/dev/null`];
    }),
    `sh -c ${shellWord([enter, ...opens].join('\n'))} 2>&1`,
    ...tries
      .filter(({ right }) => right === 'm')
      .map((one) => {
        const script = `${enter}\n${sectionHead(`"${titleOf(one)}"`)}\nexec ${mknod(`${node(one)}.m`, one)}`;
        return `sh -c ${shellWord(script)} 2>&1`;
      }),
    'rm -f /dev/.lxc-kit-*',
  ].join('\n');
}

function deviceOf({ type, numbers }: DeviceTry): string {
  return `${type} ${numbers}`;
}

function titleOf(one: DeviceTry): string {
  return `${deviceOf(one)} ${one.right}`;
}

/** The uses of a device in messages, by right. */
const USES = { r: 'opened for reading', w: 'opened for writing', m: 'made with mknod' } as const;

/** Returns a sentence for each test that contradicts the rules; undefined when nothing could be tested. */
export function judgeDevices(tries: readonly DeviceTry[], output: string): string[] | undefined {
  const sections = readSections(output);
  if (sections.size === 0) return undefined;
  return tries.flatMap((one) => {
    const { allowed, rule, right } = one;
    const text = sections.get(titleOf(one));
    // The group's rules return EPERM; other errors come from the driver, or mean that there is none.
    if (text === undefined || text.includes('Operation not permitted') === !allowed) return [];
    const why = rule === undefined ? '' : `: ${rule} is not in force`;
    return [`device ${deviceOf(one)} ${allowed ? 'cannot' : 'can'} be ${USES[right]}${why}`];
  });
}
