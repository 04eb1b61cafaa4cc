import { CGROUP_ROOT } from './cgroup-contract.ts';

/** A command in a boot script, or a line of /etc/fstab, that mounts a cgroup v1 hierarchy. */
export interface ScriptMount {
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly sourceLine: string;
  /** The mount point, with those variables filled in that the script itself sets. */
  readonly at: string;
}

/** The files of a device that may mount something at boot. */
export const BOOT_FILES = /^\/etc\/(?:inittab|fstab|profile|rc[^/]*(?:\/[^/]+)*|init\.d\/[^/]+)$/;

const MOUNT = /(?:^|[\s;&|(:/])mount\s[^;&|\n)]*/g;

/**
 * Finds mounts of cgroup v1 below /sys/fs/cgroup in the text of a script. Skips comments and other types, and keeps
 * variables that the script does not set.
 */
export function v1MountsIn(path: string, text: string): ScriptMount[] {
  const variables = new Map<string, string>();
  return text.split('\n').flatMap((sourceLine, index) => {
    const code = sourceLine.replace(/(^|\s)#.*$/, '$1');
    for (const [, name = '', value = ''] of code.matchAll(
      /(?:^|[\s;])(\w+)=["']?([^"'\s;&|]*)["']?(?=[\s;&|]|$)/g,
    ))
      variables.set(name, fill(value, variables));
    const found = path === '/etc/fstab' ? fstabMount(code) : commandMounts(code);
    return found.flatMap(({ type, at: written, column, length }) => {
      const at = fill(written, variables).replace(/\/+$/, '');
      if (fill(type, variables) !== 'cgroup' || !at.startsWith(`${CGROUP_ROOT}/`)) return [];
      return [{ line: index + 1, column, length, sourceLine, at }];
    });
  });
}

interface FoundMount {
  readonly type: string;
  readonly at: string;
  readonly column: number;
  readonly length: number;
}

function commandMounts(code: string): FoundMount[] {
  return [...code.matchAll(MOUNT)].flatMap((match) => {
    const [all] = match;
    const start = match.index + all.indexOf('mount');
    const command = all.slice(all.indexOf('mount')).trimEnd();
    const words = command.split(/\s+/).map((word) => word.replaceAll(/["']/g, ''));
    const option = words.findIndex((word) => /^-[a-z]*t/.test(word));
    const joined = (words[option] ?? '').replace(/^-[a-z]*t/, '');
    const type = option < 0 ? undefined : joined === '' ? words[option + 1] : joined;
    const at = words.findLast((word) => word.startsWith('/') || word.startsWith('$'));
    if (type === undefined || at === undefined) return [];
    return [{ type, at, column: start + 1, length: command.length }];
  });
}

function fstabMount(code: string): FoundMount[] {
  const [, at, type] = code.trim().split(/\s+/);
  if (at === undefined || type === undefined) return [];
  return [{ type, at, column: code.search(/\S/) + 1, length: code.trim().length }];
}

function fill(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (written, braced?: string, plain?: string) => variables.get(braced ?? plain ?? '') ?? written,
  );
}
