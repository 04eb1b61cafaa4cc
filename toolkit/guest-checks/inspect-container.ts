import { readSettings, cgroupValues, type Setting } from '../lxc-config/read-settings.ts';
import { effectiveSettings } from '../lxc-config/effective-settings.ts';
import { Findings } from '../lxc-keys/findings.ts';
import { readSections, sectionHead } from '../cgroups/guest-sections.ts';
import { readConfig, withIncludes, type ConfigText } from '../lxc-keys/read-config.ts';
import type { Mount } from '../cgroups/read-guest-cgroups.ts';
import { translateSetting } from '../cgroups/translate-cgroup.ts';
import type { AskGuest } from '../emulator/boot-guest.ts';
import {
  containerFactsScript,
  readContainerFacts,
  type ContainerFacts,
  type RunningContainer,
} from './container-facts.ts';
import { shellWord } from './container-states.ts';
import { judgeFacts } from './judge-container.ts';
import { cgroupDirectories, judgeLimit, type WantedLimit } from './judge-limit.ts';
import { devicesToTry, judgeDevices, tryDevicesScript } from './try-devices.ts';

/** The differences between a running container and its configuration. */
export interface Inspection {
  readonly failures: readonly string[];
  /** The facts that could not be checked. */
  readonly warnings: readonly string[];
}

/** The device around the containers. */
export interface InspectedDevice {
  readonly cgroupVersion: 'v1' | 'v2';
  readonly mounts: readonly Mount[];
}

/** Compares a running container with its configuration in the guest: limits, device rules, mounts, capabilities, network. */
export async function inspectContainer(
  ask: AskGuest,
  running: RunningContainer,
  device: InspectedDevice,
): Promise<Inspection> {
  const { config, facts } = readContainerFacts(await ask(containerFactsScript(running)));
  // It has ended, or its configuration is elsewhere.
  if (config === '' || facts.status.size === 0)
    return { failures: [], warnings: [`${running.name}: its configuration or its process cannot be read`] };
  const settings = await settingsInGuest(ask, running.name, config);
  const devices = await tryDevices(ask, settings, facts, device);
  return {
    failures: [
      ...(await checkLimits(ask, settings, facts, device)),
      ...(devices ?? []),
      ...judgeFacts(settings, facts),
    ].map((failure) => `${running.name}: ${failure}`),
    warnings: devices === undefined ? [`${running.name}: its device rules could not be tested`] : [],
  };
}

async function settingsInGuest(ask: AskGuest, name: string, text: string): Promise<readonly Setting[]> {
  const findings = new Findings();
  const include = async (path: string): Promise<readonly ConfigText[] | string> => {
    const script = `for file in ${shellWord(path)} ${shellWord(path)}/*.conf; do [ -f "$file" ] && ${sectionHead('"$file"')} && cat "$file"; done; true`;
    const files = [...readSections(await ask(script))];
    return files.length === 0
      ? 'it does not exist'
      : files.map(([id, text]) => ({ id, shownFile: id, text }));
  };
  const lines = await readConfig({ id: name, shownFile: name, text }, include, findings);
  return effectiveSettings(readSettings(withIncludes(lines), findings));
}

async function checkLimits(
  ask: AskGuest,
  settings: readonly Setting[],
  facts: ContainerFacts,
  { cgroupVersion, mounts }: InspectedDevice,
): Promise<string[]> {
  const wanted = wantedLimits(settings, cgroupVersion).map((limit) => ({
    limit,
    files: cgroupDirectories(limit.file.split('.')[0] ?? '', facts.cgroups, cgroupVersion, mounts).map(
      (directory) => `${directory}/${limit.file}`,
    ),
  }));
  const files = [...new Set(wanted.flatMap((one) => one.files))];
  if (wanted.length === 0) return [];
  const script = `for file in ${files.map(shellWord).join(' ')}; do [ -r "$file" ] && ${sectionHead('"$file"')} && cat "$file"; done; true`;
  const found = files.length === 0 ? new Map<string, string>() : readSections(await ask(script));
  return wanted.flatMap((one) => judgeLimit(one.limit, one.files, found) ?? []);
}

/** Returns the limits of a configuration for the device's cgroup version, including those written for the other one. */
export function wantedLimits(settings: readonly Setting[], version: 'v1' | 'v2'): WantedLimit[] {
  const other = version === 'v1' ? 'v2' : 'v1';
  const [own, foreign] = [cgroupValues(settings, version), cgroupValues(settings, other)];
  const key = { v1: 'lxc.cgroup', v2: 'lxc.cgroup2' };
  const isLimit = ([file]: readonly [string, string]): boolean => !file.startsWith('devices.');
  const translated = [...foreign].filter(isLimit).flatMap(([file, value]) => {
    const line = `${key[other]}.${file} = ${value}`;
    const { settings: files } = translateSetting([file, value], other, foreign);
    return (files ?? []).map((one) => ({ file: one[0], value: one[1], line }));
  });
  return [
    ...[...own]
      .filter(isLimit)
      .map(([file, value]) => ({ file, value, line: `${key[version]}.${file} = ${value}` })),
    ...translated.filter(({ file }) => !own.has(file)),
  ];
}

/** Returns undefined when the container's group could not be entered. */
async function tryDevices(
  ask: AskGuest,
  settings: readonly Setting[],
  facts: ContainerFacts,
  { cgroupVersion, mounts }: InspectedDevice,
): Promise<string[] | undefined> {
  const rulesOf = (family: string): Setting[] =>
    settings.filter(({ row, part }) => row.key === family && part.startsWith('devices.'));
  const families = { v1: 'lxc.cgroup.<file>', v2: 'lxc.cgroup2.<file>' };
  const own = rulesOf(families[cgroupVersion]);
  const tries = devicesToTry(own.length > 0 ? own : rulesOf(families[cgroupVersion === 'v1' ? 'v2' : 'v1']));
  if (tries.length === 0) return [];
  const [directory] = cgroupDirectories('devices', facts.cgroups, cgroupVersion, mounts);
  if (directory === undefined) return undefined;
  return judgeDevices(tries, await ask(tryDevicesScript(tries, `${directory}/cgroup.procs`)));
}
