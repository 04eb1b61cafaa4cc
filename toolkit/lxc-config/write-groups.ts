import type { GroupName } from './definition-fields.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { inVersionRange } from '../base/compare-versions.ts';
import { automaticMounts } from './automatic-mounts.ts';
import { cgroupLayouts, type CgroupLayout } from '../cgroups/layouts.ts';
import { deviceSettings, limitSettings, type CgroupSetting } from '../cgroups/cgroup-settings.ts';
import { TERMINALS_NEED_PTY } from '../lxc-keys/changed-meanings.ts';
import type { Concept } from '../lxc-keys/concept-keys.ts';
import type { DefinitionField } from './definition-fields.ts';
import { fieldLines } from './field-lines.ts';
import type { ConfigLine, LineWriter } from '../lxc-keys/line-writer.ts';
import type { PlannedMount } from './planned-mount.ts';
import { networkLines } from './network-lines.ts';
import type { ProblemList } from '../lxc-keys/problem-list.ts';
import { overlayHook, rootfsStorage } from './rootfs-storage.ts';

/** The lines of a configuration, in the groups of its template. */
export type ConfigGroups = Readonly<Record<GroupName, readonly ConfigLine[]>>;
export interface GroupTarget {
  readonly lxcVersion: string;
  readonly cgroup: CgroupLayout;
  /** The install prefix of LXC, such as `/usr`. */
  readonly prefix: string;
}

/** Returns a definition as lines of an LXC configuration, without its raw lines. */
export function writeGroups(
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
    hooks: [...overlayLines(container, writer), ...fields('hooks')],
  };
}

function overlayLines(container: ContainerDefinition, writer: LineWriter): readonly ConfigLine[] {
  const hook = overlayHook(container);
  return hook === undefined ? [] : writer.line('hook-pre-start', hook, ['rootfs', 'overlay']);
}

/** LXC's default, the only init it starts without a command. */
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
      `${name}: LXC splits the command at every space, so "${command[spoilt] ?? ''}" cannot be one word of it`,
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

/** The signals that make BusyBox's init shut down and restart; LXC's defaults, SIGPWR and SIGINT, do not. */
const BUSYBOX_SIGNALS = { halt: 'SIGUSR1', reboot: 'SIGTERM' } as const;

function isSignal({ concept }: DefinitionField): boolean {
  return concept.endsWith('-signal');
}

/** Returns the lines of the definition's signals; for those it does not set, the ones that its init needs. */
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

/** The parts of a container that decide which signals its init needs. */
export interface SignalledContainer {
  readonly kind: ContainerDefinition['kind'];
  readonly rootfs: Pick<ContainerDefinition['rootfs'], 'from'>;
}

/** Returns the signals that lxc-kit sets for a container whose definition has none. */
export function ownSignals({
  kind,
  rootfs,
}: SignalledContainer): Readonly<Partial<Record<'halt' | 'reboot', string>>> {
  const runsBusyboxInit = kind === 'system' && (rootfs.from === 'busybox' || rootfs.from === 'bind');
  return runsBusyboxInit ? BUSYBOX_SIGNALS : {};
}

/** Returns the lines of the terminals, and of the devpts in which older releases make them. */
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
      `${name}: LXC ${lxcVersion} makes the terminals of "tty" in the container's own devpts, which "pty: 0" disables`,
      'remove pty, or write "tty: 0"',
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
