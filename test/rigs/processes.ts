import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readProcessStat } from '../../toolkit/host/process-stat.ts';

/** Every process that was started in one of some directories, or has its path in its command line or environment. */
export function processesAt(...dirs: readonly string[]): string[] {
  return allPids()
    .filter((pid) => pid !== process.pid)
    .flatMap((pid) => {
      try {
        const command = commandOf(pid);
        // A zombie has no command line any more.
        if (command === '') return [];
        const cwd = readlinkSync(`/proc/${pid}/cwd`);
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        const texts = [command, cwd, environment];
        return dirs.some((dir) => texts.some((text) => text.includes(dir))) ? [`${pid} ${command}`] : [];
      } catch {
        return [];
      }
    });
}

/** The process groups that a process has started so far, itself or through its children; not its own group. */
export function groupsBelow(pid: number): ReadonlySet<number> {
  const childrenOf = new Map<number, number[]>();
  for (const child of allPids()) {
    const parent = parentOf(child);
    if (parent !== undefined) childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), child]);
  }
  const below = [...(childrenOf.get(pid) ?? [])];
  for (const one of below) below.push(...(childrenOf.get(one) ?? []));
  const groups = new Set(below.flatMap((one) => readProcessStat(one)?.group ?? []));
  groups.delete(readProcessStat(pid)?.group ?? 0);
  return groups;
}

/** The processes of some groups that still run. */
export function processesIn(groups: ReadonlySet<number>): string[] {
  return allPids()
    .filter((pid) => groups.has(readProcessStat(pid)?.group ?? 0))
    .map((pid) => `${pid} ${commandOf(pid)}`);
}

function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function parentOf(pid: number): number | undefined {
  try {
    // The name, in brackets, may hold anything; behind it come the state and the parent: proc_pid_stat(5).
    const [, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return Number(parent);
  } catch {
    return undefined;
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}
