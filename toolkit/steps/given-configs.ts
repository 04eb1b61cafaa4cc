import { readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Diagnostic } from '../base/diagnostic.ts';
import { checkConfigFiles, type ConfigFile, type ConfigFileTarget } from '../containers/check-config-file.ts';
import { configPathOf } from '../containers/container-entries.ts';
import { checkSystemConfig, SYSTEM_CONFIG } from '../containers/check-system-config.ts';
import { parseConfigLine } from '../containers/parse-config-line.ts';
import type { Build } from './build.ts';
import { givenFile, readGivenText } from './image-files.ts';
import { includedFiles } from './included-lines.ts';

/** Where LXC looks for NAME/config when it is built with `--localstatedir=/var`, as Debian and lxc-kit do. */
export const LXC_PATH = '/var/lib/lxc';

/** More files than overlays have below the folders of LXC. */
const MAX_CONFIGS = 1000;

interface Found {
  readonly errors: Diagnostic[];
  readonly warnings: Diagnostic[];
}

/**
 * Judges every LXC configuration that overlays and `rootfs.files` bring: files that containers of the board include,
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

/** The host's files that `checkGivenConfigs` reads, by their paths in the image: its result depends on nothing else of them. */
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

/** The names of the containers that overlays bring and the profile does not define. */
export function givenContainers(build: Pick<Build, 'loaded'>): string[] {
  const defined = build.loaded.profile.containers.map(({ name }) => name);
  return namesBelow(build, LXC_PATH).filter((name) => !defined.includes(name));
}

/** Configurations of overlays where lxc-kit puts that of a container of the profile. */
function clashes({ loaded, displayPath }: Pick<Build, 'loaded' | 'displayPath'>): Diagnostic[] {
  const { profile, provenance } = loaded;
  return profile.containers.flatMap(({ name, rootfs }, index) => {
    const files = [`${LXC_PATH}/${name}/config`, configPathOf(rootfs.path)].flatMap(
      (path) => givenFile(profile, path) ?? [],
    );
    return [...new Map(files.map((file) => [file.hostFile, file])).values()].map(({ hostFile }) => ({
      location: provenance(['containers', index, 'name']),
      message: `the profile defines ${name}, and ${displayPath(hostFile)}:1:1 is a configuration for the same container, which the build would overwrite`,
      help: 'remove one of the two, or give the definition another name and rootfs.path',
    }));
  });
}

/** The names of the containers that overlays bring. */
function namesBelow({ loaded: { profile } }: Pick<Build, 'loaded'>, path: string): string[] {
  const inOverlays = profile.rootfs.overlays.flatMap((overlay) => namesIn(join(overlay, path)));
  const inFiles = profile.rootfs.files.flatMap((file) => {
    const [name, config] = posix.relative(path, file.path).split('/');
    return config === 'config' && name !== undefined && name !== '..' ? [name] : [];
  });
  return [...new Set([...inOverlays, ...inFiles])].sort();
}

/** Files that look like configurations, where such files are kept. */
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
    // No such directory in this overlay.
    return [];
  }
}

/** Whether all lines that are no comments set something of LXC. */
function isConfig(text: string): boolean {
  const kinds = text.split('\n').map((line) => parseConfigLine(line).kind);
  return kinds.includes('setting') && !kinds.includes('ignored');
}

export function startsAtBoot(files: readonly ConfigFile[]): boolean {
  return files.some(({ text }) => /^\s*lxc\.start\.auto\s*=\s*1\s*$/m.test(text));
}
