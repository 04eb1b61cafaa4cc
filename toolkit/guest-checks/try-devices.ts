import { readSections, sectionHead } from '../containers/guest-sections.ts';
import type { Setting } from '../containers/config-settings.ts';
import { shellWord } from './container-states.ts';

/** A device and one right that is tried: `r` and `w` open it, `m` makes a node of it. */
export interface DeviceTry {
  readonly type: 'b' | 'c';
  readonly numbers: string;
  readonly right: 'r' | 'w' | 'm';
  readonly allowed: boolean;
  /** The rule that decides; undefined for what no rule allows. */
  readonly rule: string | undefined;
}

/** Devices that opening does nothing to (drivers/char/mem.c); a number without a driver is as harmless. */
const HARMLESS = ['c 1:3', 'c 1:5', 'c 1:7', 'c 1:8', 'c 1:9'];

/** Devices that a container hardly has a reason to use; tried when there are rules at all. No driver has these numbers. */
const OTHERS = ['c 1:200', 'b 259:1048575'];

const RIGHTS = ['r', 'w', 'm'] as const;

/** What a container's rules allow and deny, as far as it can be tried without doing anything to a device. */
export function devicesToTry(rules: readonly Setting[]): DeviceTry[] {
  if (rules.length === 0) return [];
  const named = rules.flatMap(({ value }) => /^([bc] \d+:\d+) /.exec(value)?.[1] ?? []);
  return [...new Set([...HARMLESS, ...OTHERS, ...named])].flatMap((device) => {
    const [type, numbers = ''] = device.split(' ');
    if (type !== 'b' && type !== 'c') return [];
    // Opening a device of the board may start something, such as a watchdog; making a node of it does not.
    const rights = [...HARMLESS, ...OTHERS].includes(device) ? RIGHTS : (['m'] as const);
    return rights.map((right) => ({ type, numbers, right, ...decide(rules, type, numbers, right) }));
  });
}

/** The last rule that is about a device and a right decides; without one everything is allowed. */
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
 * A script that tries them as a member of the group of `procsFile`, the container's own: the group decides, not who
 * asks, so it takes no program of the container. Nodes are made in /dev, because /run and /tmp are mounted nodev.
 */
export function tryDevicesScript(tries: readonly DeviceTry[], procsFile: string): string {
  const devices = [...new Set(tries.map(deviceOf))];
  const node = (one: DeviceTry): string => `/dev/.lxc-kit-${devices.indexOf(deviceOf(one))}`;
  const mknod = (path: string, { type, numbers }: DeviceTry): string =>
    `mknod ${path} ${type} ${numbers.replace(':', ' ')}`;
  const enter = `echo $$ > ${procsFile} || exit 1`;
  // Opened by the shell itself: a limit of processes could refuse a fork.
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

/** What a device can be used for, by right. */
const USES = { r: 'opened for reading', w: 'opened for writing', m: 'made with mknod' } as const;

/** Tries whose outcome is not what the rules say, in a sentence each; undefined when nothing could be tried. */
export function judgeDevices(tries: readonly DeviceTry[], output: string): string[] | undefined {
  const sections = readSections(output);
  if (sections.size === 0) return undefined;
  return tries.flatMap((one) => {
    const { allowed, rule, right } = one;
    const text = sections.get(titleOf(one));
    // The group's rules answer with EPERM; every other error comes from the driver, or for want of one.
    if (text === undefined || text.includes('Operation not permitted') === !allowed) return [];
    const why = rule === undefined ? '' : `: ${rule} is not in force`;
    return [`device ${deviceOf(one)} ${allowed ? 'cannot' : 'can'} be ${USES[right]}${why}`];
  });
}
