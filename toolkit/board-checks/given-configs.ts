import { readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Diagnostic } from '../base/diagnostic.ts';
import { checkConfigFiles, type ConfigFile, type ConfigFileTarget } from '../lxc-config/check-config-file.ts';
import { configPathOf } from '../containers/container-entries.ts';
import { LXC_PATH } from '../lxc/directories.ts';
import { checkSystemConfig, SYSTEM_CONFIG } from '../lxc-config/check-system-config.ts';
import { parseConfigLine } from '../lxc-keys/parse-config-line.ts';
import type { Build } from '../opened-board/build.ts';
import { givenFile, readGivenText } from '../opened-board/image-files.ts';
import { includedFiles } from '../opened-board/included-lines.ts';

/** More files than overlays have in the folders of LXC. */
const MAX_CONFIGS = 1000;

interface Found {
  readonly errors: Diagnostic[];
  readonly warnings: Diagnostic[];
}

/**
 * Checks every LXC configuration from overlays and `rootfs.files`: files that containers of the board include,
 * whole containers below LXC's own path, the system-wide lxc.conf, and files that something may read later.
 */
export function checkGivenConfigs(
  build: Pick<Build, 'loaded' | 'displayPath'>,
  target: ConfigFileTarget,
): Found {
  const { profile } = build.loaded;
  const found: Found = { errors: [], warnings: [] };
  const seen = new Set<string>();
  const judge = (
    files: readonly (ConfigFile & { readonly hostFile: string })[],
    who: string,
    starts: boolean,
  ): void => {
    const { errors, warnings } = checkConfigFiles(files, who, target, !starts);
    found.errors.push(...errors);
    found.warnings.push(...warnings);
    for (const { hostFile } of files) seen.add(hostFile);
  };
  for (const container of profile.containers) judge(includedFiles(container, build), container.name, true);
  found.errors.push(...clashes(build));
  for (const name of givenContainers(build)) {
    const files = includedFiles({ include: [`${LXC_PATH}/${name}/config`], raw: [] }, build);
    if (files.length > 0) judge(files, name, startsAtBoot(files));
  }
  const system = given(build, SYSTEM_CONFIG);
  if (system !== undefined) {
    const context = {
      lxcVersion: target.lxcVersion,
      lxcPath: LXC_PATH,
      containers: profile.containers.length,
    };
    const { errors, warnings } = checkSystemConfig(system, context);
    found.errors.push(...errors);
    found.warnings.push(...warnings);
    seen.add(system.hostFile);
  }
  for (const path of otherConfigs(build)) {
    const file = given(build, path);
    if (file === undefined || seen.has(file.hostFile) || !isConfig(file.text)) continue;
    const { errors, warnings } = checkConfigFiles([file], path, target, true);
    found.warnings.push(...errors, ...warnings);
  }
  return found;
}

/** Returns the host files that `checkGivenConfigs` reads; its result depends on no other files of the overlays. */
export function givenConfigFiles(build: Pick<Build, 'loaded' | 'displayPath'>): Record<string, string> {
  const { profile } = build.loaded;
  const included = profile.containers.flatMap((container) => includedFiles(container, build));
  const containers = givenContainers(build).flatMap((name) =>
    includedFiles({ include: [`${LXC_PATH}/${name}/config`], raw: [] }, build),
  );
  const others = [SYSTEM_CONFIG, ...otherConfigs(build)].flatMap((path) => given(build, path) ?? []);
  const all = [...included, ...containers, ...others];
  return Object.fromEntries(all.map(({ hostFile }, index) => [`configuration ${index + 1}`, hostFile]));
}

function given(
  { loaded, displayPath }: Pick<Build, 'loaded' | 'displayPath'>,
  path: string,
): (ConfigFile & { readonly hostFile: string }) | undefined {
  const file = givenFile(loaded.profile, path);
  const text = file === undefined ? undefined : readGivenText(file.hostFile);
  if (file === undefined || text === undefined) return undefined;
  return { hostFile: file.hostFile, shownFile: displayPath(file.hostFile), text };
}

/** Returns the names of containers that are in overlays but not in the profile. */
export function givenContainers(build: Pick<Build, 'loaded'>): string[] {
  const defined = build.loaded.profile.containers.map(({ name }) => name);
  return namesBelow(build, LXC_PATH).filter((name) => !defined.includes(name));
}

/** Finds configurations in overlays at the path of a container of the profile. */
function clashes({ loaded, displayPath }: Pick<Build, 'loaded' | 'displayPath'>): Diagnostic[] {
  const { profile, provenance } = loaded;
  return profile.containers.flatMap(({ name, rootfs }, index) => {
    const files = [`${LXC_PATH}/${name}/config`, configPathOf(rootfs.path)].flatMap(
      (path) => givenFile(profile, path) ?? [],
    );
    return [...new Map(files.map((file) => [file.hostFile, file])).values()].map(({ hostFile }) => ({
      location: provenance(['containers', index, 'name']),
      message: `the profile defines ${name}, but ${displayPath(hostFile)}:1:1 is a configuration of the same container, which the build would overwrite`,
      help: 'remove one of the two, or change name and rootfs.path of the definition',
    }));
  });
}

/** Returns the names of the containers in overlays. */
function namesBelow({ loaded: { profile } }: Pick<Build, 'loaded'>, path: string): string[] {
  const inOverlays = profile.rootfs.overlays.flatMap((overlay) => namesIn(join(overlay, path)));
  const inFiles = profile.rootfs.files.flatMap((file) => {
    const [name, config] = posix.relative(path, file.path).split('/');
    return config === 'config' && name !== undefined && name !== '..' ? [name] : [];
  });
  return [...new Set([...inOverlays, ...inFiles])].sort();
}

/** Returns files that look like configurations, in the usual folders. */
function otherConfigs({ loaded: { profile } }: Pick<Build, 'loaded'>): string[] {
  const found = new Set<string>(
    profile.rootfs.files.map(({ path }) => path).filter((path) => path.endsWith('.conf')),
  );
  for (const overlay of profile.rootfs.overlays) {
    for (const dir of ['/etc/lxc', '/usr/share/lxc/config', '/opt/lxc']) {
      for (const name of namesIn(join(overlay, dir))) {
        if (name.endsWith('.conf') && found.size < MAX_CONFIGS) found.add(posix.join(dir, name));
      }
    }
  }
  return [...found].sort();
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    // This overlay has no such directory.
    return [];
  }
}

/** Whether all lines except comments are settings of LXC. */
function isConfig(text: string): boolean {
  const kinds = text.split('\n').map((line) => parseConfigLine(line).kind);
  return kinds.includes('setting') && !kinds.includes('ignored');
}

export function startsAtBoot(files: readonly ConfigFile[]): boolean {
  return files.some(({ text }) => /^\s*lxc\.start\.auto\s*=\s*1\s*$/m.test(text));
}
