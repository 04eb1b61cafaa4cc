import type { Location } from '../base/diagnostic.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { parseConfigLine } from '../containers/parse-config-line.ts';
import { placeOf } from '../containers/read-config.ts';
import type { Build } from './build.ts';
import { givenConfigs, givenFile, readGivenText, type GivenFile } from './image-files.ts';

/** A line of an LXC configuration that sets something. */
export interface ConfigSetting {
  readonly key: string;
  readonly value: string;
  readonly place?: Location;
}

/** More files than any configuration has; files that include each other twice grow without limit. */
const MAX_FILES = 500;

/**
 * The settings of all files that a container includes, as far as overlays or `rootfs.files` bring them: these are known
 * before anything is built. Of LXC's own files nothing has to be asked.
 */
export function includedLines(
  { include, raw }: Pick<ContainerDefinition, 'include' | 'raw'>,
  build: Pick<Build, 'loaded' | 'displayPath'>,
): ConfigSetting[] {
  const inRaw = raw.flatMap((text) => {
    const line = parseConfigLine(text);
    return line.kind === 'setting' && line.key === 'lxc.include' ? [line.value] : [];
  });
  return linesOf([...include, ...inRaw], build, new Set());
}

function linesOf(
  paths: readonly string[],
  build: Pick<Build, 'loaded' | 'displayPath'>,
  read: Set<string>,
): ConfigSetting[] {
  const { profile } = build.loaded;
  return paths.flatMap((path) => {
    const file = givenFile(profile, path);
    return (file === undefined ? givenConfigs(profile, path) : [file]).flatMap((one) => {
      if (read.has(one.hostFile) || read.size >= MAX_FILES) return [];
      read.add(one.hostFile);
      return settingsOf(one, build).flatMap((setting) =>
        setting.key === 'lxc.include' ? linesOf([setting.value], build, read) : [setting],
      );
    });
  });
}

function settingsOf({ hostFile }: GivenFile, { displayPath }: Pick<Build, 'displayPath'>): ConfigSetting[] {
  const file = displayPath(hostFile);
  return (readGivenText(hostFile) ?? '').split('\n').flatMap((text, index) => {
    const line = parseConfigLine(text);
    if (line.kind !== 'setting') return [];
    const place = placeOf({ file, number: index + 1, text: text.replace(/\r$/, '') });
    return [{ key: line.key, value: line.value, place }];
  });
}
