import type { ContainerDefinition } from '../board/container-schema.ts';
import type { ConfigFile } from '../containers/check-config-file.ts';
import { parseConfigLine } from '../containers/parse-config-line.ts';
import type { PlacedSetting } from '../containers/problem-list.ts';
import { placeOf } from '../containers/read-config.ts';
import type { Build } from './build.ts';
import { givenConfigs, givenFile, readGivenText } from './image-files.ts';

/** More files than any configuration has; files that include each other twice grow without limit. */
const MAX_FILES = 500;

/** A file that a person brings to the image. */
export interface IncludedFile extends ConfigFile {
  readonly hostFile: string;
}

/**
 * All files that a container includes, each once and in the order in which LXC comes to them, as far as overlays or
 * `rootfs.files` bring them: these are known before anything is built. Of LXC's own files nothing has to be asked.
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

/** The settings of the files that a container includes, each with its place. */
export function includedLines(
  container: Pick<ContainerDefinition, 'include' | 'raw'>,
  build: Pick<Build, 'loaded' | 'displayPath'>,
): PlacedSetting[] {
  return includedFiles(container, build).flatMap(({ shownFile, text }) =>
    text.split('\n').flatMap((line, index) => {
      const parsed = parseConfigLine(line);
      if (parsed.kind !== 'setting' || parsed.key === 'lxc.include') return [];
      const place = placeOf({ file: shownFile, number: index + 1, text: line.replace(/\r$/, '') });
      return [{ key: parsed.key, value: parsed.value, place }];
    }),
  );
}
