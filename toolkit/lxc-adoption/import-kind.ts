import { posix } from 'node:path';
import type { Location } from '../base/diagnostic.ts';
import { SYSTEM_MOUNTS } from '../lxc-config/automatic-mounts.ts';
import { DEFAULT_INIT, ownSignals, type SignalledContainer } from '../lxc-config/write-groups.ts';
import type { ConfigHeader } from '../lxc-config/config-header.ts';
import type { Findings } from '../lxc-keys/findings.ts';

/** A definition as written to its file. */
export type WrittenDefinition = Record<string, unknown>;

/** Programs that start a whole system. */
const INIT = /^(?:init|systemd|runit|runit-init|openrc-init|s6-svscan|procd)$/;

/**
 * Chooses `kind`, which a configuration does not say: by its first process, otherwise by whether it mounts /proc, which
 * every system needs. Notes the settings that lxc-kit then adds to the container.
 */
export function chooseKind(
  definition: WrittenDefinition,
  header: ConfigHeader | undefined,
  place: Location | undefined,
  findings: Findings,
): void {
  if (header !== undefined) {
    if (header.kind === 'system') definition['kind'] = header.kind;
    return;
  }
  const program = wordsAt(definition, 'command')[0];
  const mountsProc =
    wordsAt(definition, 'auto').some((word) => word.startsWith('proc')) ||
    mountedPaths(definition).includes('/proc');
  const system = program === undefined ? mountsProc : INIT.test(posix.basename(program));
  const why =
    program === undefined
      ? `the configuration names no first process and ${mountsProc ? 'mounts' : 'does not mount'} /proc`
      : `its first process is ${program}`;
  findings.note(
    'assumed',
    place,
    `assuming kind ${system ? 'system' : 'application'}: ${why}`,
    `write "kind: ${system ? 'application' : 'system'}" if that is wrong`,
  );
  if (!system) return;
  definition['kind'] = 'system';
  const added = [
    ...(definition['signals'] === undefined
      ? [`the signals of BusyBox's init (${Object.values(ownSignals(ofKind('bind'))).join(' and ')})`]
      : []),
    ...(wordsAt(definition, 'auto').length > 0 ? [] : systemMounts(definition)),
  ];
  if (added.length === 0) return;
  findings.note(
    'assumed',
    place,
    `a system container gets these defaults, which the configuration does not set: ${added.join(', ')}`,
    'write your own signals, or mounts of /proc and /sys',
  );
}

/** Removes settings that repeat the defaults. */
export function leaveOutDefaults(definition: WrittenDefinition): void {
  if (definition['hostname'] === definition['name']) delete definition['hostname'];
  if (definition['autodev'] === true) delete definition['autodev'];
  if (definition['autostart'] === false) delete definition['autostart'];
  // The terminals need it in older releases; later ones do it by default.
  if (definition['pty'] === definition['tty'] && definition['pty'] !== 0) delete definition['pty'];
  if (definition['kind'] !== 'system') return;
  if (wordsAt(definition, 'command').join(' ') === DEFAULT_INIT) delete definition['command'];
  if (wordsAt(definition, 'auto').join(' ') === systemMounts(definition).join(' ')) delete definition['auto'];
  const { from = 'bind' } = (definition['rootfs'] ?? {}) as { from?: 'bind' | 'busybox' };
  const own: Readonly<Record<string, string>> = ownSignals(ofKind(from));
  const signals = Object.entries((definition['signals'] ?? {}) as Record<string, string>).filter(
    ([name, signal]) => own[name] !== signal,
  );
  if (signals.length === 0) delete definition['signals'];
  else definition['signals'] = Object.fromEntries(signals);
}

function ofKind(from: 'bind' | 'busybox'): SignalledContainer {
  return { kind: 'system', rootfs: { from } };
}

/** Returns LXC's automatic mounts for a system container that does not make them itself. */
function systemMounts(definition: WrittenDefinition): string[] {
  const taken = mountedPaths(definition);
  return SYSTEM_MOUNTS.filter(({ target }) => !taken.includes(target)).map(({ word }) => word);
}

function mountedPaths(definition: WrittenDefinition): string[] {
  const entries = [definition['mounts'], definition['bind']].flatMap((list) => (list ?? []) as unknown[]);
  return entries.map((entry) => {
    if (typeof entry === 'string') return entry;
    const { from = '', to = from } = entry as { from?: string; to?: string };
    return to;
  });
}

function wordsAt(definition: WrittenDefinition, key: string): readonly string[] {
  return (definition[key] ?? []) as string[];
}
