import type { ContainerDefinition } from '../board/container-schema.ts';
import type { ConfigFile } from '../lxc-config/check-config-file.ts';
import { FSTAB_KEYS } from '../containers/check-named-files.ts';
import { parseConfigLine } from '../lxc-keys/parse-config-line.ts';
import type { PlacedSetting } from '../lxc-keys/problem-list.ts';
import { placeOf } from '../lxc-keys/read-config.ts';
import type { Build } from './build.ts';
import { givenConfigs, givenFile, readGivenText } from './image-files.ts';

/** More than any real configuration has; files that include each other twice grow without limit. */
const MAX_FILES = 500;

/** A user's file for the image. */
export interface IncludedFile extends ConfigFile {
  readonly hostFile: string;
}

/**
 * Returns the files that a container includes, each once and in the order in which LXC reads them, if overlays or
 * `rootfs.files` have them: these are known before the build. LXC's own files need no check.
 */
export function includedFiles(
  { include, raw }: Pick<ContainerDefinition, 'include' | 'raw'>,
  { loaded: { profile }, displayPath }: Pick<Build, 'loaded' | 'displayPath'>,
): IncludedFile[] {
  const files = new Map<string, IncludedFile>();
  const read = (path: string): void => {
    const file = givenFile(profile, path);
    for (const { hostFile } of file === undefined ? givenConfigs(profile, path) : [file]) {
      if (files.has(hostFile) || files.size >= MAX_FILES) continue;
      const text = readGivenText(hostFile) ?? '';
      files.set(hostFile, { hostFile, shownFile: displayPath(hostFile), text });
      for (const line of text.split('\n')) readInclude(line);
    }
  };
  const readInclude = (text: string): void => {
    const line = parseConfigLine(text);
    if (line.kind === 'setting' && line.key === 'lxc.include' && line.value !== '') read(line.value);
  };
  for (const path of include) read(path);
  for (const line of raw) readInclude(line);
  return [...files.values()];
}

/**
 * Returns the settings of included files, each with its place. The lines of the user's mount table come first, as
 * `lxc.mount.entry`, which is LXC's order of mounting.
 */
export function includedLines(
  container: Pick<ContainerDefinition, 'include' | 'raw'>,
  build: Pick<Build, 'loaded' | 'displayPath'>,
): PlacedSetting[] {
  const settings = includedFiles(container, build).flatMap(({ shownFile, text }) =>
    text.split('\n').flatMap((line, index) => {
      const parsed = parseConfigLine(line);
      if (parsed.kind !== 'setting') return [];
      const place = placeOf({ file: shownFile, number: index + 1, text: line.replace(/\r$/, '') });
      return [{ key: parsed.key, value: parsed.value, place }];
    }),
  );
  const own = container.raw.map(parseConfigLine).filter((line) => line.kind === 'setting');
  const table = [...settings, ...own].findLast(({ key }) => FSTAB_KEYS.includes(key))?.value;
  return [...(table === undefined ? [] : tableLines(table, build)), ...settings];
}

/** Returns the lines of a mount table; fstab(5). */
function tableLines(
  path: string,
  { loaded: { profile }, displayPath }: Pick<Build, 'loaded' | 'displayPath'>,
): PlacedSetting[] {
  const file = givenFile(profile, path);
  const text = file === undefined ? undefined : readGivenText(file.hostFile);
  if (file === undefined || text === undefined) return [];
  return text.split('\n').flatMap((line, index) => {
    if (/^\s*(?:#|$)/.test(line)) return [];
    const place = placeOf({
      file: displayPath(file.hostFile),
      number: index + 1,
      text: line.replace(/\r$/, ''),
    });
    return [{ key: 'lxc.mount.entry', value: line.trim(), place }];
  });
}
