import type { CheckCase } from '../emulator/boot-failure.ts';
import type { AskGuest, GuestCheck } from '../emulator/boot-guest.ts';
import {
  areSettled,
  containerStatesScript,
  readContainerStates,
  type ContainerStates,
} from './container-states.ts';
import { parseMountinfo } from '../cgroups/read-guest-cgroups.ts';
import { inspectContainer } from './inspect-container.ts';
import { deathReportScript, describeDeath, readDeathReport } from './death-report.ts';

/** The displayed name of this check. */
export const CONTAINER_CHECK = 'containers';

/** A container that the board starts at boot. */
export interface ExpectedContainer {
  readonly name: string;
  /** The delay in seconds between its start and the next one. */
  readonly delaySeconds: number;
}

/**
 * Checks every container that should start at boot: those of the profile, and those with `lxc.start.auto` in the guest.
 * Compares running containers with their configurations. Each container is a separate case.
 */
export function checkContainers(
  expected: readonly ExpectedContainer[],
  cgroupVersion: 'v1' | 'v2',
): GuestCheck {
  return {
    name: CONTAINER_CHECK,
    run: async (ask) => {
      const { names, states } = await settledStates(ask, expected);
      const cases: CheckCase[] = [];
      const pids = names.flatMap((name) => states.byName.get(name)?.pid ?? []);
      const mounts = pids.length === 0 ? [] : parseMountinfo(await ask('cat /proc/self/mountinfo'));
      for (const name of names) {
        const { state, pid } = states.byName.get(name) ?? {};
        const found =
          state !== 'RUNNING'
            ? { failures: [await whyNot(ask, name, states)], warnings: [] }
            : pid === undefined
              ? { failures: [], warnings: [] }
              : await inspectContainer(ask, { name, pid }, { cgroupVersion, mounts });
        cases.push({ name: `container ${name}`, ...found });
      }
      return cases;
    },
  };
}

/** Polls once a second until nothing changes any more, or until too much guest time has passed. */
async function settledStates(
  ask: AskGuest,
  expected: readonly ExpectedContainer[],
): Promise<{ readonly names: readonly string[]; readonly states: ContainerStates }> {
  const delays = new Map(expected.map(({ name, delaySeconds }) => [name, delaySeconds]));
  let first: ContainerStates | undefined;
  for (;;) {
    const states = readContainerStates(await ask(containerStatesScript([...delays.keys()])));
    const unknown = [...states.notStarted].filter(([name]) => !delays.has(name));
    for (const [name, delay] of unknown) delays.set(name, delay);
    first ??= states;
    const names = [...delays.keys()];
    const delaySeconds = [...delays.values()].reduce((sum, delay) => sum + delay, 0);
    if (unknown.length === 0 && areSettled(first, states, names, delaySeconds)) return { names, states };
    await ask('sleep 1');
  }
}

async function whyNot(ask: AskGuest, name: string, { byName }: ContainerStates): Promise<string> {
  const { state, text = '' } = byName.get(name) ?? {};
  if (state === undefined)
    return `LXC does not know ${name}: ${text === '' ? 'lxc-info printed nothing' : text}`;
  if (state !== 'STOPPED') return `${name} stays ${state} instead of RUNNING`;
  return describeDeath(name, state, readDeathReport(await ask(deathReportScript(name)), name));
}
