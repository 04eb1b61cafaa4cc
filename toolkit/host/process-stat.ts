import { readFileSync } from 'node:fs';

/** The kernel's record of a process (proc_pid_stat(5)). */
export interface ProcessStat {
  readonly group: number;
  /** In clock ticks since boot. Together with the id it is unique; ids alone are reused. */
  readonly startTime: string;
}

/** Looks a process up; undefined if it is gone or a zombie. */
export function readProcessStat(pid: number | string): ProcessStat | undefined {
  try {
    // The name, in brackets, may contain anything. The state, field 3, and the others follow it.
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
