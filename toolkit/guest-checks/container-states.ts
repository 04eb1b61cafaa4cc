import { readSections, sectionHead } from '../cgroups/guest-sections.ts';

/** A container as `lxc-info` shows it. */
export interface ContainerState {
  /** RUNNING, STOPPED and so on; undefined when LXC does not know the container. */
  readonly state: string | undefined;
  /** The PID of the first process on the device. */
  readonly pid?: number;
  /** The age of the first process. */
  readonly ageSeconds?: number;
  /** The whole output of lxc-info. */
  readonly text: string;
}

/** The state of a guest's containers at one moment. */
export interface ContainerStates {
  /** The seconds since the guest's kernel started. */
  readonly uptimeSeconds: number;
  /** The names of all processes. */
  readonly processes: ReadonlySet<string>;
  /** Containers with `lxc.start.auto` that do not run, and their `lxc.start.delay`, as LXC lists them. */
  readonly notStarted: ReadonlyMap<string, number>;
  readonly byName: ReadonlyMap<string, ContainerState>;
}

/** The unit of times in /proc/PID/stat, on every architecture that LXC supports (proc(5), USER_HZ). */
const TICKS_PER_SECOND = 100;

/** Returns the script that prints the input of `readContainerStates`, for LXC 1.0 and later. */
export function containerStatesScript(names: readonly string[]): string {
  return [
    `${sectionHead('uptime')}; cat /proc/uptime`,
    `${sectionHead('processes')}; cat /proc/[0-9]*/comm 2>/dev/null`,
    `${sectionHead('not started')}; lxc-autostart --list --all 2>/dev/null`,
    `for name in ${names.map(shellWord).join(' ')}; do ${sectionHead('"state $name"')}`,
    'info=$(lxc-info -n "$name" -s -p 2>&1); echo "$info"',
    `pid=$(echo "$info" | sed -n 's/^P[Ii][Dd]: *//p'); ${sectionHead('"stat $name"')}`,
    '[ -z "$pid" ] || cat "/proc/$pid/stat" 2>/dev/null; done; true',
  ].join('\n');
}

export function readContainerStates(output: string): ContainerStates {
  const sections = readSections(output);
  const uptimeSeconds = Number((sections.get('uptime') ?? '').split(' ')[0]);
  return {
    uptimeSeconds,
    processes: new Set((sections.get('processes') ?? '').split('\n')),
    notStarted: new Map(
      [...(sections.get('not started') ?? '').matchAll(/^(\S+) (\d+)$/gm)].map(([, name = '', delay]) => [
        name,
        Number(delay),
      ]),
    ),
    byName: new Map(
      [...sections].flatMap(([title, text]) => {
        if (!title.startsWith('state ')) return [];
        const name = title.slice('state '.length);
        return [[name, readState(text, sections.get(`stat ${name}`) ?? '', uptimeSeconds)] as const];
      }),
    ),
  };
}

function readState(text: string, stat: string, uptimeSeconds: number): ContainerState {
  const [, state] = /^State:\s*([A-Z]+)$/im.exec(text) ?? [];
  const [, pid] = /^PID:\s*(\d+)$/im.exec(text) ?? [];
  // The name of the process is in parentheses and may contain spaces; field 22 is its start time.
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3];
  return {
    state,
    text,
    ...(pid === undefined ? {} : { pid: Number(pid) }),
    ...(started === undefined ? {} : { ageSeconds: uptimeSeconds - Number(started) / TICKS_PER_SECOND }),
  };
}

/** A container counts as started after this time: one that ends at once is also RUNNING for a moment. */
const SETTLED_SECONDS = 2;

/** How long to wait for a container that nothing seems to start. */
const IDLE_SECONDS = 8;
/** How long to wait, in addition to the containers' delays, while a script or LXC is starting them. */
const BUSY_SECONDS = 60;

/** Programs that start containers at boot: lxc-kit's script or the user's, and the scripts that it calls. */
const STARTERS = /^(?:rc|rcS|rc\.local|lxc-autostart|S\d\d.*)$/;

/** LXC's states of a container that is changing. */
const ON_ITS_WAY = ['STARTING', 'STOPPING', 'ABORTING', 'FREEZING', 'THAWED'];

/**
 * Whether the states are final: all containers have been running for a while, or the wait for the others was long
 * enough.
 */
export function areSettled(
  first: ContainerStates,
  latest: ContainerStates,
  names: readonly string[],
  delaySeconds: number,
): boolean {
  const states = names.map((name) => latest.byName.get(name));
  if (
    states.every((one) => one?.state === 'RUNNING' && (one.ageSeconds ?? SETTLED_SECONDS) >= SETTLED_SECONDS)
  )
    return true;
  const busy =
    [...latest.processes].some((name) => STARTERS.test(name)) ||
    states.some((one) => ON_ITS_WAY.includes(one?.state ?? ''));
  const limit = busy ? delaySeconds + BUSY_SECONDS : IDLE_SECONDS;
  return latest.uptimeSeconds - first.uptimeSeconds >= limit;
}

/** Quotes a word for a shell command. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
