import { inVersionRange } from '../base/compare-versions.ts';
import { HOOKS } from '../lxc-keys/hook-names.ts';
import { HIGHEST_ORDER_FIRST } from '../lxc-keys/changed-meanings.ts';
import { keyFor, type Concept } from '../lxc-keys/concept-keys.ts';

import type { PropertyPath } from '../lxc-keys/problem-list.ts';

/** The context that a value's text may depend on. */
export interface FieldContext {
  /** The install prefix of LXC, such as `/usr`. */
  readonly prefix: string;
  /** The release that a configuration is for; undefined if unknown. */
  readonly lxcVersion: string | undefined;
}

/** Converts a value of a definition to a configuration's text and back. */
export interface Codec {
  /** Returns undefined if nothing is written for this value. */
  readonly write: (value: unknown, context: FieldContext) => string | undefined;
  /** Returns undefined if a definition cannot express this. */
  readonly read: (text: string, context: FieldContext) => unknown;
}

/**
 * A part of the definition that corresponds to one key of the configuration.
 *
 * `one`: the last line counts. `lines`: a line for each entry of a list. `words`: the entries of a list, separated by
 * spaces in one line; several lines add up. `variables`: a line NAME=VALUE for each entry of a mapping. `family`: a
 * separate key for each entry of a mapping, which ends in the entry's name.
 */
export interface DefinitionField {
  readonly group: GroupName;
  readonly concept: Concept;
  readonly path: PropertyPath;
  readonly shape: 'one' | 'lines' | 'words' | 'variables' | 'family';
  readonly codec: Codec;
  /** The part that must be set for this one to have a meaning. */
  readonly needs?: PropertyPath;
}

const text: Codec = { write: String, read: (written) => written };

const number: Codec = {
  write: String,
  read: (written) => (/^-?\d+$/.test(written) ? Number(written) : undefined),
};

const truth: Codec = {
  write: (value) => (value === true ? '1' : '0'),
  read: (written) => (/^\d+$/.test(written) ? Number(written) !== 0 : undefined),
};

/** A release without the key denies nothing either, so "false" needs no line there. */
const newPrivileges: Codec = {
  write: (value, { lxcVersion }) => {
    if (value === true) return '1';
    return lxcVersion !== undefined && keyFor('no-new-privs', lxcVersion) === undefined ? undefined : '0';
  },
  read: truth.read,
};

/** `lxc.rootfs.options`: a definition can express only one mount option, ro. */
const readonly: Codec = {
  write: (value) => (value === true ? 'ro' : undefined),
  read: (written) => (written === 'ro' ? true : undefined),
};

/** `lxc.start.auto`: written only when autostart is on, which `true` and the mapping of order and delay both mean. */
const autostart: Codec = {
  write: (value) => (value === false ? undefined : '1'),
  read: (written) => (/^\d+$/.test(written) ? Number(written) !== 0 : undefined),
};

/** In a definition the lowest order comes first, whatever the release. */
const order: Codec = {
  write: (value, { lxcVersion }) => String(startOrder(Number(value), lxcVersion)),
  read: (written, { lxcVersion }) =>
    /^-?\d+$/.test(written) ? startOrder(Number(written), lxcVersion) : undefined,
};

/** Converts a start order, lowest first, to the release's own and back. */
export function startOrder(value: number, lxcVersion: string | undefined): number {
  // "0 -" instead of "-" avoids -0 in a configuration.
  return lxcVersion !== undefined && inVersionRange(lxcVersion, HIGHEST_ORDER_FIRST) ? 0 - value : value;
}

/** LXC accepts signals in upper and lower case. */
const signal: Codec = { write: String, read: (written) => written.toUpperCase() };

/** The default console, which LXC makes itself, has no key. */
const terminal: Codec = {
  write: (value) => (value === 'default' ? undefined : String(value)),
  read: (written) => written,
};

interface IdRange {
  readonly kind: 'uid' | 'gid';
  readonly container: number;
  readonly host: number;
  readonly count: number;
}

const idRange: Codec = {
  write: (value) => {
    const { kind, container, host, count } = value as IdRange;
    return `${kind.slice(0, 1)} ${container} ${host} ${count}`;
  },
  read: (written) => {
    const [kind, ...numbers] = written.split(/\s+/);
    const [container, host, count] = numbers.map(Number);
    return { kind: kind === 'u' ? 'uid' : 'gid', container, host, count };
  },
};

/** The path of LXC's own seccomp profile below its prefix. */
const SECCOMP_PROFILE = '/share/lxc/config/common.seccomp';

const seccomp: Codec = {
  write: (value, { prefix }) => (value === 'none' ? undefined : seccompProfile(String(value), prefix)),
  read: (written, { prefix }) =>
    [prefix, '/usr', '/usr/local'].some((place) => written === `${place}${SECCOMP_PROFILE}`)
      ? 'default'
      : written,
};

/** Returns the path of a seccomp profile on the device; `default` is the one that LXC installs. */
export function seccompProfile(seccomp: string, prefix: string): string {
  return seccomp === 'default' ? `${prefix}${SECCOMP_PROFILE}` : seccomp;
}

const field = (
  group: GroupName,
  concept: Concept,
  path: string,
  codec: Codec = text,
  shape: DefinitionField['shape'] = 'one',
): DefinitionField => ({ group, concept, path: path.split('.'), codec, shape });

/**
 * The parts of a definition that correspond to one key of the configuration, in the order of writing. Both writing and
 * importing configurations use this table. Command, root filesystem, mounts, devices, limits and network need more than
 * a table and are elsewhere.
 */
export const definitionFields: readonly DefinitionField[] = [
  field('identity', 'hostname', 'hostname'),
  field('identity', 'rootfs-options', 'rootfs.readonly', readonly),
  field('start', 'halt-signal', 'signals.halt', signal),
  field('start', 'reboot-signal', 'signals.reboot', signal),
  field('start', 'stop-signal', 'signals.stop', signal),
  field('start', 'init-cwd', 'init.cwd'),
  field('start', 'init-uid', 'init.uid', number),
  field('start', 'init-gid', 'init.gid', number),
  field('start', 'environment', 'environment', text, 'variables'),
  field('terminals', 'console', 'console', terminal),
  field('terminals', 'pty', 'pty', number),
  field('terminals', 'tty', 'tty', number),
  field('terminals', 'autodev', 'autodev', truth),
  field('mounts', 'mount-auto', 'auto', text, 'words'),
  field('security', 'capability-drop', 'capabilities.drop', text, 'words'),
  field('security', 'capability-keep', 'capabilities.keep', text, 'words'),
  field('security', 'idmap', 'idmap', idRange, 'lines'),
  field('security', 'seccomp', 'seccomp', seccomp),
  field('security', 'no-new-privs', 'no-new-privs', newPrivileges),
  field('limits', 'prlimit', 'prlimits', text, 'family'),
  field('limits', 'sysctl', 'sysctl', text, 'family'),
  field('boot', 'start-auto', 'autostart', autostart),
  { ...field('boot', 'start-order', 'autostart.order', order), needs: ['autostart'] },
  { ...field('boot', 'start-delay', 'autostart.delay', number), needs: ['autostart'] },
  field('boot', 'group', 'groups', text, 'lines'),
  ...HOOKS.map((hook) => field('hooks', `hook-${hook}`, `hooks.${hook}`, text, 'lines')),
];

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
