import { readSections, sectionHead } from '../containers/guest-sections.ts';

/** A container as `lxc-info` shows it. */
export interface ContainerState {
  /** RUNNING, STOPPED and so on; undefined when LXC does not know the container. */
  readonly state: string | undefined;
  /** The first process, as the device counts it. */
  readonly pid?: number;
  /** How long the first process has been there. */
  readonly ageSeconds?: number;
  /** All that lxc-info printed. */
  readonly text: string;
}

/** What a guest says of its containers at one moment. */
export interface ContainerStates {
  /** Since the guest's kernel started. */
  readonly uptimeSeconds: number;
  /** The names of all processes. */
  readonly processes: ReadonlySet<string>;
  /** Containers with `lxc.start.auto` that do not run, with `lxc.start.delay`: LXC's own list. */
  readonly notStarted: ReadonlyMap<string, number>;
  readonly byName: ReadonlyMap<string, ContainerState>;
}

/** The kernel counts the times in /proc/PID/stat in these, on every architecture that LXC runs on (proc(5), USER_HZ). */
const TICKS_PER_SECOND = 100;

/** Prints what `readContainerStates` reads, with any LXC from 1.0 on. */
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
  // The name of the process is in parentheses and may hold blanks; field 22 is when it started.
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3];
  return {
    state,
    text,
    ...(pid === undefined ? {} : { pid: Number(pid) }),
    ...(started === undefined ? {} : { ageSeconds: uptimeSeconds - Number(started) / TICKS_PER_SECOND }),
  };
}

/** A container that ends at once is RUNNING for a moment; one that has run for so long counts as started. */
const SETTLED_SECONDS = 2;

/** How long is waited for a container that nothing seems to start any more. */
const IDLE_SECONDS = 8;
/** How long is waited beyond the containers' delays while something starts them, or LXC is at it. */
const BUSY_SECONDS = 60;

/** What starts containers at boot: lxc-kit's script or a user's, and the scripts that it calls. */
const STARTERS = /^(?:rc|rcS|rc\.local|lxc-autostart|S\d\d.*)$/;

/** What LXC calls a container on its way. */
const ON_ITS_WAY = ['STARTING', 'STOPPING', 'ABORTING', 'FREEZING', 'THAWED'];

/**
 * Whether the states are what they will stay: all containers have been running for a while, or waiting for the others
 * has lasted long enough.
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

/** A word of a shell command; names of containers have no quotes in them. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
