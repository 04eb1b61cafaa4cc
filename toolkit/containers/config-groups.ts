import type { ContainerDefinition } from '../board/container-schema.ts';
import { automaticMounts } from './automatic-mounts.ts';
import {
  cgroupLayouts,
  deviceSettings,
  limitSettings,
  type CgroupLayout,
  type CgroupSetting,
} from './cgroup-settings.ts';
import type { Concept } from './concept-keys.ts';
import type { ConfigLine, LineWriter } from './line-writer.ts';
import type { PlannedMount } from './mount-plan.ts';
import { networkLines } from './network-lines.ts';
import type { ProblemList, PropertyPath } from './problem-list.ts';

/** The lines of a configuration, grouped as its template shows them. */
export type ConfigGroups = Readonly<Record<GroupName, readonly ConfigLine[]>>;
export type GroupName =
  | 'identity'
  | 'start'
  | 'terminals'
  | 'devices'
  | 'mounts'
  | 'network'
  | 'security'
  | 'limits'
  | 'boot'
  | 'hooks';

export interface GroupTarget {
  readonly cgroup: CgroupLayout;
  /** The prefix LXC is installed under, such as `/usr`. */
  readonly prefix: string;
}

/** Everything a definition says, as lines of an LXC configuration; raw lines are not among them. */
export function configGroups(
  container: ContainerDefinition,
  mounts: readonly PlannedMount[],
  target: GroupTarget,
  writer: LineWriter,
  problems: ProblemList,
): ConfigGroups {
  const settings = (lines: readonly CgroupSetting[]): ConfigLine[] =>
    lines.flatMap(({ file, value, path }) =>
      writer.line(cgroupLayouts[target.cgroup].concept, value, path, file),
    );
  return {
    identity: [
      ...writer.line('hostname', container.hostname, ['hostname']),
      // Bare: what stands before a colon would be a storage type, and 1.1 cannot mount what has a "dir:" before it.
      ...writer.line('rootfs-path', container.rootfs.path, ['rootfs', 'path']),
    ],
    start: [
      ...commandLines(container, writer, problems),
      ...signalLines(container, writer),
      ...environmentLines(container, writer),
    ],
    terminals: terminalLines(container, writer),
    devices: settings(deviceSettings(container.devices)),
    mounts: mountLines(container, mounts, writer),
    network: networkLines(container, writer, problems),
    security: securityLines(container, target, writer),
    limits: settings(limitSettings(container.limits, target.cgroup)),
    boot: bootLines(container, writer),
    hooks: Object.entries(container.hooks).flatMap(([hook, commands]) =>
      commands.flatMap((command, i) => writer.line(`hook-${hook}` as Concept, command, ['hooks', hook, i])),
    ),
  };
}

/** LXC's default, and the only init it starts of its own accord. */
const DEFAULT_INIT = '/sbin/init';

function commandLines(
  { name, kind, command }: ContainerDefinition,
  writer: LineWriter,
  problems: ProblemList,
): ConfigLine[] {
  const path = ['command'];
  const spoilt = command.findIndex((word) => word === '' || /\s/.test(word));
  if (spoilt !== -1) {
    problems.error(
      [...path, spoilt],
      `${name}: LXC splits the command at every blank, so "${command[spoilt] ?? ''}" cannot be one word of it`,
      'put the command into a script and run that',
    );
  }
  const line = command.join(' ');
  if (kind === 'system') {
    return line === ''
      ? writer.ownLine('init-command', DEFAULT_INIT)
      : writer.line('init-command', line, path);
  }
  if (line === '') return [];
  // One key for lxc-start, one for lxc-execute; before 3.0 lxc-execute took its command only from the command line.
  return [...writer.line('init-command', line, path), ...writer.ownLine('execute-command', line)];
}

/** What BusyBox's init takes for a shutdown and a restart. LXC's own choice, SIGPWR and SIGINT, means other things to it. */
const BUSYBOX_SIGNALS = { halt: 'SIGUSR1', reboot: 'SIGTERM' } as const;

function signalLines({ kind, rootfs, signals }: ContainerDefinition, writer: LineWriter): ConfigLine[] {
  const runsBusyboxInit = kind === 'system' && (rootfs.from === 'busybox' || rootfs.from === 'bind');
  const own: Readonly<Record<string, string>> = runsBusyboxInit ? BUSYBOX_SIGNALS : {};
  return (['halt', 'reboot', 'stop'] as const).flatMap((name) => {
    const given = signals[name];
    if (given !== undefined) return writer.line(`${name}-signal`, given, ['signals', name]);
    return own[name] === undefined ? [] : writer.ownLine(`${name}-signal`, own[name]);
  });
}

function environmentLines({ environment }: ContainerDefinition, writer: LineWriter): ConfigLine[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    writer.line('environment', `${name}=${value}`, ['environment', name]),
  );
}

function terminalLines(
  { console, pty, tty, autodev }: ContainerDefinition,
  writer: LineWriter,
): ConfigLine[] {
  return [
    ...(console === undefined || console === 'default' ? [] : writer.line('console', console, ['console'])),
    ...(pty === undefined ? [] : writer.line('pty', pty, ['pty'])),
    ...(tty === undefined ? [] : writer.line('tty', tty, ['tty'])),
    ...writer.line('autodev', autodev ? 1 : 0, ['autodev']),
  ];
}

function mountLines(
  container: ContainerDefinition,
  mounts: readonly PlannedMount[],
  writer: LineWriter,
): ConfigLine[] {
  const words = automaticMounts(container).join(' ');
  const automatic =
    words === ''
      ? []
      : container.auto.length > 0
        ? writer.line('mount-auto', words, ['auto'])
        : writer.ownLine('mount-auto', words);
  return [...automatic, ...mounts.flatMap(({ entry, path }) => writer.line('mount-entry', entry, path))];
}

function securityLines(
  container: ContainerDefinition,
  target: GroupTarget,
  writer: LineWriter,
): ConfigLine[] {
  const { capabilities, idmap, seccomp } = container;
  const drop = capabilities?.drop ?? [];
  return [
    ...(drop.length === 0 ? [] : writer.line('capability-drop', drop.join(' '), ['capabilities', 'drop'])),
    ...(capabilities?.keep === undefined
      ? []
      : writer.line('capability-keep', capabilities.keep.join(' ') || 'none', ['capabilities', 'keep'])),
    ...idmap.flatMap(({ kind, container: inside, host, count }, i) =>
      writer.line('idmap', `${kind === 'uid' ? 'u' : 'g'} ${inside} ${host} ${count}`, ['idmap', i]),
    ),
    ...(seccomp === undefined
      ? []
      : writer.line('seccomp', seccompProfile(seccomp, target.prefix), ['seccomp'])),
  ];
}

/** The path of a seccomp profile on the device; `default` is the one that LXC installs. */
export function seccompProfile(seccomp: string, prefix: string): string {
  return seccomp === 'default' ? `${prefix}/share/lxc/config/common.seccomp` : seccomp;
}

function bootLines({ autostart, groups }: ContainerDefinition, writer: LineWriter): ConfigLine[] {
  const path: PropertyPath = ['autostart'];
  const { order, delay } = typeof autostart === 'boolean' ? {} : autostart;
  return [
    ...(autostart === false ? [] : writer.line('start-auto', 1, path)),
    ...(order === undefined ? [] : writer.line('start-order', order, [...path, 'order'])),
    ...(delay === undefined ? [] : writer.line('start-delay', delay, [...path, 'delay'])),
    ...groups.flatMap((group, i) => writer.line('group', group, ['groups', i])),
  ];
}
