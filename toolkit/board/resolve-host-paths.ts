import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { didYouMean } from '../base/did-you-mean.ts';
import { nameCharacter, shellActive } from '../base/shell-word.ts';
import { kindOfFile, MAX_TEXT_BYTES, refusalOf } from '../host/read-user-file.ts';
import type { Problem } from '../yaml/describe-issue.ts';
import { describePath } from '../yaml/describe-value.ts';
import { isKeyText } from '../accounts/public-keys.ts';
import { contentKinds } from '../rootfs/content-kinds.ts';
import { catalog } from '../sources/catalog.ts';
import { sourceKinds } from '../sources/source-kinds.ts';
import { isFileName } from '../yaml/field-formats.ts';
import type { YamlPath } from '../yaml/locate-issue.ts';
import { suggestFile } from '../yaml/suggest-file.ts';

/** The fragments that lxc-kit ships. */
export interface KnownFragments {
  readonly kernel: readonly string[];
  readonly busybox: readonly string[];
}

interface HostPathRule {
  /** `*` matches each entry of a list. */
  readonly path: YamlPath;
  /**
   * The kind of file that must exist. `unchecked`: it may be missing, as a later step decides for example which source
   * to take, but if it exists, it is a file or a folder.
   */
  readonly kind: 'file' | 'directory' | 'unchecked';
  /** The maximum size of the file; without it the file is not read into memory. */
  readonly maxBytes?: number;
  /** The value may also be a name instead of a path. */
  readonly orName?: true;
  /** Texts that the schema refuses and that no message may repeat. */
  readonly unless?: (text: string) => boolean;
  /** Makefiles and scripts put the path into commands without quotes. */
  readonly inCommands?: true;
  /** That name must be one of these. */
  readonly names?: keyof KnownFragments;
}

/** The host paths in a container definition. */
export const CONTAINER_PATHS: readonly HostPathRule[] = contentKinds.map(({ key, onHost }) => ({
  path: ['rootfs', 'from', key],
  kind: onHost,
}));

/** Whether the host paths of a source exist is known when it is taken. */
const SOURCE_PATHS: readonly HostPathRule[] = Object.keys(catalog).flatMap((component) =>
  sourceKinds
    .filter(({ onHost }) => onHost === true)
    .map(({ key }): HostPathRule => ({ path: [component, 'sources', '*', key], kind: 'unchecked' })),
);

/** The host paths in a board profile. */
export const PROFILE_PATHS: readonly HostPathRule[] = [
  { path: ['toolchain', 'directory'], kind: 'unchecked', inCommands: true },
  ...SOURCE_PATHS,
  { path: ['kernel', 'defconfig'], kind: 'file', maxBytes: MAX_TEXT_BYTES.config, orName: true },
  {
    path: ['kernel', 'fragments', '*'],
    kind: 'file',
    maxBytes: MAX_TEXT_BYTES.config,
    orName: true,
    names: 'kernel',
  },
  { path: ['busybox', 'config'], kind: 'file', maxBytes: MAX_TEXT_BYTES.config, orName: true },
  {
    path: ['busybox', 'fragments', '*'],
    kind: 'file',
    maxBytes: MAX_TEXT_BYTES.config,
    orName: true,
    names: 'busybox',
  },
  { path: ['users', '*', 'keys', '*'], kind: 'file', maxBytes: MAX_TEXT_BYTES.key, unless: isKeyText },
  { path: ['ssh', 'keys', '*'], kind: 'file', maxBytes: MAX_TEXT_BYTES.key, unless: isKeyText },
  { path: ['rootfs', 'overlays', '*'], kind: 'directory' },
  { path: ['rootfs', 'files', '*', 'source'], kind: 'file' },
  { path: ['emulator', 'kernel', 'defconfig'], kind: 'file', maxBytes: MAX_TEXT_BYTES.config, orName: true },
  {
    path: ['emulator', 'kernel', 'fragments', '*'],
    kind: 'file',
    maxBytes: MAX_TEXT_BYTES.config,
    orName: true,
    names: 'kernel',
  },
  { path: ['containers', '*'], kind: 'file', maxBytes: MAX_TEXT_BYTES.profile },
  ...CONTAINER_PATHS.map((rule) => ({ ...rule, path: ['containers', '*', ...rule.path] })),
];

export interface ResolvedPaths {
  readonly problems: readonly Problem[];
  /** The paths that exist or may be missing. */
  readonly resolved: readonly { readonly path: YamlPath; readonly file: string }[];
}

/**
 * Makes the host paths in a value absolute and checks that they exist.
 * `folderOf` returns the folder of the file that sets the value at a path.
 */
export async function resolveHostPaths(
  value: unknown,
  rules: readonly HostPathRule[],
  folderOf: (path: YamlPath) => string,
  known?: KnownFragments,
): Promise<ResolvedPaths> {
  const problems: Problem[] = [];
  const resolved: { path: YamlPath; file: string }[] = [];
  for (const rule of rules) {
    for (const { path, text } of matches(value, rule.path)) {
      if (rule.unless?.(text) === true) continue;
      if (rule.orName === true && !isFileName(text)) {
        const names = rule.names === undefined ? undefined : known?.[rule.names];
        if (names?.includes(text) === false) problems.push(unknownFragment(path, text, names));
        continue;
      }
      const file = resolve(folderOf(path), text);
      const problem =
        (rule.inCommands === true ? unfitForCommands(path, text, file) : undefined) ??
        (await missing(path, text, file, rule));
      if (problem === undefined) resolved.push({ path, file });
      else problems.push(problem);
    }
  }
  return { problems, resolved };
}

/** Writes the absolute paths into the checked value. */
export function applyPaths(parsed: unknown, { resolved }: ResolvedPaths): void {
  for (const { path, file } of resolved) {
    let parent = parsed;
    for (const step of path.slice(0, -1)) parent = (parent as Record<string | number, unknown>)[step];
    (parent as Record<string | number, unknown>)[path.at(-1) ?? ''] = file;
  }
}

function unknownFragment(path: YamlPath, name: string, names: readonly string[]): Problem {
  const near = didYouMean(name, names);
  return {
    path,
    at: 'value',
    message: `${describePath(path)} is "${name}", but lxc-kit has no fragment of that name`,
    help: near === undefined ? helpWithFragment(name, names) : `did you mean "${near}"?`,
  };
}

function unfitForCommands(path: YamlPath, text: string, file: string): Problem | undefined {
  const found = shellActive(file);
  if (found === undefined) return undefined;
  return {
    path,
    at: 'value',
    message: `${describePath(path)} is ${JSON.stringify(text)}, whose full path has ${nameCharacter(found)}; makefiles would run it as part of a command`,
    help: 'give a symbolic link to it whose path has only letters, digits, "-", "_" and "."',
  };
}

function helpWithFragment(name: string, names: readonly string[]): string {
  if (name.endsWith('.scc'))
    return `${name} is a feature description of Yocto: name the .cfg files that it lists, such as ./${name.replace(/scc$/, 'cfg')}`;
  if (/\.\w+$/.test(name)) return `write your own file with its folder: ./${name}`;
  return `it has ${[...names].sort().join(', ')}; write your own file as ./${name}.config`;
}

async function missing(
  path: YamlPath,
  text: string,
  file: string,
  { kind, maxBytes }: HostPathRule,
): Promise<Problem | undefined> {
  const found: Stats | undefined = await stat(file).catch(() => undefined);
  const subject = `${describePath(path)} is ${JSON.stringify(text)}`;
  if (found !== undefined) {
    const fault = unfit(found, kind, maxBytes);
    return fault === undefined ? undefined : { path, at: 'value', message: `${subject}, which ${fault}` };
  }
  if (kind === 'unchecked') return undefined;
  const message = `${subject}, but there is no such ${NOUNS[kind]}`;
  return { path, at: 'value', message, ...(await suggestFile(file, text, kind)) };
}

const NOUNS = { file: 'file', directory: 'folder' } as const;

/** Says what is wrong with an existing file; undefined when it is of the expected kind. */
function unfit(found: Stats, kind: HostPathRule['kind'], maxBytes?: number): string | undefined {
  if (found.isDirectory())
    return kind === 'file' ? `must be a ${NOUNS.file} but is a ${NOUNS.directory}` : undefined;
  if (kind === 'directory') return `must be a ${NOUNS.directory} but is a ${kindOfFile(found)}`;
  return refusalOf(found, maxBytes);
}

/** Returns the strings at the paths that match `pattern`; the schema reports anything else. */
function matches(value: unknown, pattern: YamlPath, path: YamlPath = []): { path: YamlPath; text: string }[] {
  const [step, ...rest] = pattern;
  // A path has no control characters, and the file system would throw at some of them.
  if (step === undefined)
    return typeof value === 'string' && /^\P{Cc}+$/u.test(value) ? [{ path, text: value }] : [];
  if (step === '*') {
    if (!Array.isArray(value)) return [];
    return value.flatMap((entry: unknown, index) => matches(entry, rest, [...path, index]));
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return [];
  return matches((value as Record<string | number, unknown>)[step], rest, [...path, step]);
}
