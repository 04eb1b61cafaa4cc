import { readFileSync } from 'node:fs';

/** What the kernel says of a process (proc_pid_stat(5)). */
export interface ProcessStat {
  readonly group: number;
  /** In clock ticks since boot. With the id it names a process for good: ids are used again. */
  readonly startTime: string;
}

/** Looks a process up; undefined for one that is gone, or that ended and nobody has waited for. */
export function readProcessStat(pid: number | string): ProcessStat | undefined {
  try {
    // The name, in brackets, may hold anything. Behind it come the state, which is field 3, and the others.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const [state] = fields;
    if (state === 'Z' || state === 'X') return undefined;
    return { group: Number(fields[5 - 3]), startTime: fields[22 - 3] ?? '' };
  } catch {
    return undefined;
  }
}
