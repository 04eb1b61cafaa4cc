import { dirname } from 'node:path';
import { type Diagnostic, DiagnosticsError, type Location } from '../base/diagnostic.ts';
import { checkNetworks } from './check-networks.ts';
import { checkRelations } from './check-relations.ts';
import { checkKeyFiles, checkSsh } from './check-key-files.ts';
import { checkSizes } from './check-sizes.ts';
import { checkValue, markedText, placeProblem } from '../yaml/check-value.ts';
import type { ContainerDefinition } from './container-schema.ts';
import { decidingLayer, type ExtendedProfile, type ExtendOptions, extendProfile } from './extend-profile.ts';
import { findNameClashes, type WrittenContainer } from './find-name-clashes.ts';
import { type ContainerFile, loadContainer } from './load-container.ts';
import { giveIdRanges } from './give-id-ranges.ts';
import { sharedIdFaults } from './id-maps.ts';
import { locateIssue, type YamlPath } from '../yaml/locate-issue.ts';
import { applyPaths, type KnownFragments, PROFILE_PATHS, resolveHostPaths } from './resolve-host-paths.ts';
import { type BoardProfile, boardSchema } from './schema.ts';

export interface LoadOptions extends ExtendOptions {
  /** Names allowed in `kernel.fragments` and `busybox.fragments`; without this they are not checked. */
  readonly knownFragments?: KnownFragments;
}

/** A board profile that was read, merged and checked. */
export interface LoadedProfile {
  /** The requested file, absolute. */
  readonly file: string;
  /** All host paths in it are absolute. */
  readonly profile: BoardProfile;
  /** All YAML files that were read, absolute: the profile, the ones it extends, its containers. */
  readonly files: readonly string[];
  /** Returns the place of `path` in the profile; for a default, the nearest place above. */
  readonly provenance: (path: YamlPath) => Location;
}

/**
 * Reads a board profile with everything it extends and the containers it names.
 * `file` is absolute. Throws PROFILE_INVALID with all problems of all files at once.
 */
export async function loadProfile(file: string, options: LoadOptions): Promise<LoadedProfile> {
  const extended = await extendProfile(file, options);
  const { layers, value } = extended;
  if (layers.length === 0) throw invalid(extended.diagnostics);
  const writtenAt = (path: YamlPath): string | undefined => markedText(locate(extended, path, 'value'));
  const checked = checkValue({ schema: boardSchema, value, noun: 'the profile', writtenAt });
  const folderOf = (path: YamlPath): string => dirname(decidingLayer(extended, path)?.file ?? file);
  const paths = await resolveHostPaths(value, PROFILE_PATHS, folderOf, options.knownFragments);
  const containers = new Map<number, ContainerFile>();
  for (const { path, file: containerFile } of paths.resolved) {
    const [top, index] = path;
    if (top !== 'containers' || typeof index !== 'number' || path.length !== 2) continue;
    containers.set(index, await loadContainer(containerFile, options.displayPath(containerFile)));
  }
  const problems = [
    ...(checked.ok ? [] : checked.problems),
    ...paths.problems,
    ...checkKeyFiles(paths.resolved),
    ...checkSsh(value),
  ];
  const written = writtenContainers(extended, containers);
  const diagnostics = [
    ...extended.diagnostics,
    ...problems
      // A key may be missing only because its file has errors.
      .filter(({ missingPath }) => missingPath === undefined || extended.diagnostics.length === 0)
      .map((problem) => placeProblem(problem, locate(extended, problem.path, problem.at))),
    ...[...containers.values()].flatMap((container) => container.diagnostics),
    ...findNameClashes(written),
    ...checkRelations(written),
    ...sharedIdFaults(written),
    ...checkSizes({ containers: written, images: value['images'], emulator: value['emulator'] }),
    ...checkNetworks({
      bridges: value['bridges'],
      interfaces: value['interfaces'],
      containers: written,
      locate: (path) => locate(extended, path, 'value'),
    }),
  ];
  if (diagnostics.length > 0 || !checked.ok) throw invalid(diagnostics);
  applyPaths(checked.value, paths);
  return {
    file,
    profile: {
      ...checked.value,
      containers: giveIdRanges(
        checked.value.containers.map((entry, index) => definitionOf(entry, containers.get(index))),
      ),
    },
    files: [
      ...new Set([
        ...layers.map((layer) => layer.file),
        ...[...containers.values()].flatMap(({ yaml }) => yaml?.file ?? []),
      ]),
    ],
    provenance: (path) => {
      const [top, index, ...rest] = path;
      const own = top === 'containers' && typeof index === 'number' ? containers.get(index)?.yaml : undefined;
      return own === undefined ? locate(extended, path, 'key') : locateIssue(own, rest, 'key');
    },
  };
}

function definitionOf(
  entry: string | ContainerDefinition,
  file: ContainerFile | undefined,
): ContainerDefinition {
  const definition = typeof entry === 'string' ? file?.definition : entry;
  if (definition === undefined) throw new Error('a container without diagnostics has no definition');
  return definition;
}

function locate(extended: ExtendedProfile, path: YamlPath, at: 'key' | 'value'): Location {
  for (let depth = path.length; depth > 0; depth--) {
    const layer = decidingLayer(extended, path.slice(0, depth));
    if (layer !== undefined) return locateIssue(layer, path, at);
  }
  const profile = extended.layers.at(-1);
  return { file: profile?.shownFile ?? '', line: 1, column: 1 };
}

function writtenContainers(
  extended: ExtendedProfile,
  files: ReadonlyMap<number, ContainerFile>,
): WrittenContainer[] {
  const entries: unknown = extended.value['containers'];
  if (!Array.isArray(entries)) return [];
  return entries.map((entry: unknown, index) => {
    const yaml = files.get(index)?.yaml;
    if (yaml !== undefined) return { value: yaml.value, locate: (path) => locateIssue(yaml, path, 'value') };
    return { value: entry, locate: (path) => locate(extended, ['containers', index, ...path], 'value') };
  });
}

function invalid(diagnostics: readonly Diagnostic[]): DiagnosticsError {
  const unique = new Map(diagnostics.map((diagnostic) => [keyOf(diagnostic), diagnostic]));
  return new DiagnosticsError('PROFILE_INVALID', [...unique.values()].sort(byPlace));
}

function keyOf({ location, message }: Diagnostic): string {
  return JSON.stringify([location?.file, location?.line, location?.column, message]);
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  const fileA = a.location?.file ?? '';
  const fileB = b.location?.file ?? '';
  if (fileA !== fileB) return fileA < fileB ? -1 : 1;
  return (
    (a.location?.line ?? 0) - (b.location?.line ?? 0) || (a.location?.column ?? 0) - (b.location?.column ?? 0)
  );
}
