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

/** Set for every process that is watched, and so for all that it starts; its value is this lxc-kit's alone. */
const MARK_NAME = 'LXC_KIT_RUN';

const mark = `${process.pid}-${randomBytes(8).toString('hex')}`;

/**
 * Reads "add PGID" and "del PGID" lines; when its input ends, lxc-kit is gone, however it went, and every group still
 * listed is ended. A process that is killed with SIGKILL cannot do this itself. Unless an "end" line was the last, every
 * process that bears the mark is ended too: one may have been started an instant before, and be on no list yet, or have
 * left its group.
 * `kill -s NAME --` is the only form with a group that POSIX has; dash refuses `kill -NAME -- -GROUP`.
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
 * Makes the watch ready. To be called before a process is started that is then to be watched; what it returns belongs
 * into the environment of that process.
 */
export function readyWatch(): Readonly<Record<string, string>> {
  watchdog ??= startWatchdog();
  return { [MARK_NAME]: mark };
}

/** Puts a process group under watch: it ends when lxc-kit does, whatever ends lxc-kit. */
export function watchGroup(group: number): void {
  readyWatch();
  liveGroups.add(group);
  watchdog?.write(`add ${group}\n`);
}

/** Takes a group that has ended off the watch. */
export function unwatchGroup(group: number): void {
  if (liveGroups.delete(group)) watchdog?.write(`del ${group}\n`);
}

/** Ends a whole process group: SIGTERM first, SIGKILL when it is still there after two seconds. Returns when it is gone. */
export async function terminateGroup(group: number): Promise<void> {
  signalGroup(group, 'SIGTERM');
  if (await groupEnds(group, TERM_GRACE_MS)) return;
  signalGroup(group, 'SIGKILL');
  await groupEnds(group, KILL_GRACE_MS);
}

/**
 * Whether any process of a group still runs. For the kernel one that has ended counts until it is waited for, and the
 * first process of a container, whose task that is once the parent is gone, may be slow at it or never do it.
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

/** Ends every group at once, for the moment before the process exits. */
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
    // There is no sh: nothing that needs a watch can be built.
  });
  // Neither the child nor its pipe may keep lxc-kit from exiting.
  child.unref();
  const input = child.stdin;
  (input as unknown as { unref?: () => void }).unref?.();
  input.on('error', () => {
    // The watchdog was killed from outside; builds go on without it.
  });
  const write = (line: string): void => void input.write(line);
  // Whoever gets this far has ended what was started, or has it on the list.
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
    // ESRCH: the group ended by itself in the meantime. EPERM: what is left of it belongs to root, as with sudo.
    const code = systemErrorCode(error);
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
