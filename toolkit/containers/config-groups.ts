import type { ContainerDefinition } from '../board/container-schema.ts';
import { inVersionRange } from '../base/compare-versions.ts';
import { automaticMounts } from './automatic-mounts.ts';
import {
  cgroupLayouts,
  deviceSettings,
  limitSettings,
  type CgroupLayout,
  type CgroupSetting,
} from './cgroup-settings.ts';
import { TERMINALS_NEED_PTY } from './changed-meanings.ts';
import type { Concept } from './concept-keys.ts';
import type { DefinitionField } from './definition-fields.ts';
import { fieldLines } from './field-lines.ts';
import type { ConfigLine, LineWriter } from './line-writer.ts';
import type { PlannedMount } from './mount-plan.ts';
import { networkLines } from './network-lines.ts';
import type { ProblemList } from './problem-list.ts';
import { rootfsStorage } from './rootfs-storage.ts';

/** The lines of a configuration, grouped as its template shows them. */
export type ConfigGroups = Readonly<Record<GroupName, readonly ConfigLine[]>>;
export type GroupName =
  | 'include'
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
  readonly lxcVersion: string;
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
  const fields = (group: GroupName, only?: (field: DefinitionField) => boolean): ConfigLine[] =>
    fieldLines(container, group, target, writer, only);
  const settings = (lines: readonly CgroupSetting[]): ConfigLine[] =>
    lines.flatMap(({ file, value, path }) =>
      writer.line(cgroupLayouts[target.cgroup].concept, value, path, file),
    );
  return {
    include: container.include.flatMap((file, i) => writer.line('include', file, ['include', i])),
    identity: [
      ...fields('identity'),
      ...writer.line('rootfs-path', rootfsStorage(container, target.lxcVersion), ['rootfs', 'path']),
    ],
    start: [
      ...commandLines(container, writer, problems),
      ...signalLines(container, writer, fields('start', isSignal)),
      ...fields('start', (field) => !isSignal(field)),
    ],
    terminals: terminalLines(container, target, writer, fields('terminals'), problems),
    devices: settings(deviceSettings(container.devices, target.cgroup)),
    mounts: mountLines(container, mounts, writer, fields('mounts')),
    network: networkLines(container, writer, problems),
    security: fields('security'),
    limits: [...settings(limitSettings(container.limits, target.cgroup)), ...fields('limits')],
    boot: fields('boot'),
    hooks: fields('hooks'),
  };
}

/** LXC's default, and the only init it starts of its own accord. */
export const DEFAULT_INIT = '/sbin/init';

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

function isSignal({ concept }: DefinitionField): boolean {
  return concept.endsWith('-signal');
}

/** The signals of the definition, and those that its init needs where it says nothing. */
function signalLines(
  container: SignalledContainer,
  writer: LineWriter,
  given: readonly ConfigLine[],
): ConfigLine[] {
  const own = Object.entries(ownSignals(container)).flatMap(([name, value]) =>
    writer.ownLine(`${name}-signal` as Concept, value),
  );
  const concepts: readonly Concept[] = ['halt-signal', 'reboot-signal', 'stop-signal'];
  const keys = concepts.flatMap((concept) => writer.keyOf(concept) ?? []);
  return keys.flatMap((key) => {
    const line = [...given, ...own].find((one) => one.key === key);
    return line === undefined ? [] : [line];
  });
}

/** What of a container decides which signals its init knows. */
export interface SignalledContainer {
  readonly kind: ContainerDefinition['kind'];
  readonly rootfs: Pick<ContainerDefinition['rootfs'], 'from'>;
}

/** The signals that lxc-kit chooses for a container whose definition names none. */
export function ownSignals({
  kind,
  rootfs,
}: SignalledContainer): Readonly<Partial<Record<'halt' | 'reboot', string>>> {
  const runsBusyboxInit = kind === 'system' && (rootfs.from === 'busybox' || rootfs.from === 'bind');
  return runsBusyboxInit ? BUSYBOX_SIGNALS : {};
}

/** The terminals, with the devpts that older releases make them in. */
function terminalLines(
  { name, pty, tty = 0 }: ContainerDefinition,
  { lxcVersion }: GroupTarget,
  writer: LineWriter,
  given: readonly ConfigLine[],
  problems: ProblemList,
): readonly ConfigLine[] {
  if (tty === 0 || !inVersionRange(lxcVersion, TERMINALS_NEED_PTY)) return given;
  if (pty === undefined) return [...writer.ownLine('pty', tty), ...given];
  if (pty === 0)
    problems.error(
      ['pty'],
      `${name}: LXC ${lxcVersion} makes the terminals of "tty" in a devpts of the container's own, which "pty: 0" takes away`,
      'leave out pty, or write "tty: 0"',
    );
  return given;
}

function mountLines(
  container: ContainerDefinition,
  mounts: readonly PlannedMount[],
  writer: LineWriter,
  given: readonly ConfigLine[],
): ConfigLine[] {
  const words = automaticMounts(container).join(' ');
  const automatic = container.auto.length > 0 || words === '' ? given : writer.ownLine('mount-auto', words);
  return [...automatic, ...mounts.flatMap(({ entry, path }) => writer.line('mount-entry', entry, path))];
}
