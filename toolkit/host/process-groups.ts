import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemErrorCode } from '../base/errors.ts';
import { readProcessStat } from './process-stat.ts';

/** How long a process group may take to end by itself after SIGTERM. */
const TERM_GRACE_MS = 2_000;

/** How long the kernel may take to end it after SIGKILL; a process that waits for a broken disk never ends. */
const KILL_GRACE_MS = 1_000;

const POLL_MS = 25;

/** Set for every watched process, and therefore for all that it starts; the value is unique to this lxc-kit. */
const MARK_NAME = 'LXC_KIT_RUN';

const mark = `${process.pid}-${randomBytes(8).toString('hex')}`;

/**
 * Reads "add PGID" and "del PGID" lines. When its input ends, lxc-kit is gone, for whatever reason, and every group
 * that is still listed is ended: a process killed with SIGKILL cannot do this itself. Unless the last line was "end",
 * every process with the mark is ended too: it may have just started and not be listed yet, or have left its group.
 * `kill -s NAME --` is the only POSIX form that accepts a group; dash refuses `kill -NAME -- -GROUP`.
 */
const WATCHDOG_SCRIPT = `
groups=' '
orderly=
while read -r verb group; do
  case $verb in
    add) groups="$groups$group " ;;
    del) groups="\${groups%% $group *} \${groups#* $group }" ;;
    end) orderly=yes ;;
  esac
done
end_all() {
  for group in $groups; do kill -s "$1" -- "-$group" 2>/dev/null && left=yes; done
  [ -z "$orderly" ] || return
  for file in $(grep -lsz "^$mark\$" /proc/[0-9]*/environ); do
    pid=\${file#/proc/}
    kill -s "$1" "\${pid%/environ}" 2>/dev/null && left=yes
  done
}
end_all TERM
[ -n "\${left-}" ] || exit 0
sleep 1
end_all KILL
`;

const liveGroups = new Set<number>();
let watchdog: { write(line: string): void } | undefined;

/**
 * Prepares the watch. Call it before starting a process to be watched, and add the returned variables to the
 * environment of that process.
 */
export function readyWatch(): Readonly<Record<string, string>> {
  watchdog ??= startWatchdog();
  return { [MARK_NAME]: mark };
}

/** Watches a process group: it is ended when lxc-kit ends, for whatever reason. */
export function watchGroup(group: number): void {
  readyWatch();
  liveGroups.add(group);
  watchdog?.write(`add ${group}\n`);
}

/** Stops watching a group that has ended. */
export function unwatchGroup(group: number): void {
  if (liveGroups.delete(group)) watchdog?.write(`del ${group}\n`);
}

/** Ends a whole process group: SIGTERM first, SIGKILL after two seconds. Returns when it is gone. */
export async function terminateGroup(group: number): Promise<void> {
  signalGroup(group, 'SIGTERM');
  if (await groupEnds(group, TERM_GRACE_MS)) return;
  signalGroup(group, 'SIGKILL');
  await groupEnds(group, KILL_GRACE_MS);
}

/**
 * Whether any process of a group still runs. The kernel counts an ended process until it is waited for. In a container
 * that is up to its first process once the parent is gone, and it may do so late or never.
 */
export function groupAlive(group: number): boolean {
  try {
    process.kill(-group, 0);
  } catch (error) {
    return systemErrorCode(error) !== 'ESRCH';
  }
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.some((pid) => readProcessStat(pid)?.group === group);
}

/** Kills every group immediately, just before the process exits. */
export function killAllGroups(): void {
  for (const group of liveGroups) signalGroup(group, 'SIGKILL');
}

function startWatchdog(): { write(line: string): void } {
  // Detached: a Ctrl-C that reaches lxc-kit from the terminal must not end the watchdog first.
  const child = spawn('sh', ['-c', `mark=${MARK_NAME}=${mark}\n${WATCHDOG_SCRIPT}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.on('error', () => {
    // There is no sh, so nothing that needs a watch can be built.
  });
  // Neither the child nor its pipe may keep lxc-kit from exiting.
  child.unref();
  const input = child.stdin;
  (input as unknown as { unref?: () => void }).unref?.();
  input.on('error', () => {
    // The watchdog was killed from outside; builds go on without it.
  });
  const write = (line: string): void => void input.write(line);
  // At this point everything that was started has ended or is on the list.
  process.once('exit', () => {
    write('end\n');
  });
  return { write };
}

async function groupEnds(group: number, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (groupAlive(group)) {
    if (Date.now() >= deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    // ESRCH: the group ended by itself in the meantime. EPERM: the rest of it belongs to root, as with sudo.
    const code = systemErrorCode(error);
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
