import { realpath } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { type Diagnostic, DiagnosticsError } from '../base/diagnostic.ts';
import { systemErrorCode } from '../base/errors.ts';
import { isMap } from '../base/is-map.ts';
import { checkValue, placeProblem, writtenIn } from '../yaml/check-value.ts';
import { locateIssue, type YamlPath } from '../yaml/locate-issue.ts';
import { readYaml, type YamlFile } from '../yaml/read-yaml.ts';
import { extendsSchema, SCHEMA_VERSIONS } from './schema.ts';
import { suggestFile } from '../yaml/suggest-file.ts';

export interface ExtendOptions {
  /** The folder of the boards that lxc-kit ships; any profile may extend these. */
  readonly shippedBoardsDir: string;
  readonly displayPath: (file: string) => string;
}

/** A profile with everything it extends. */
export interface ExtendedProfile {
  /** In the order of merging; the profile itself is the last one. */
  readonly layers: readonly YamlFile[];
  /** Mappings are merged key by key; lists and scalars of a later file replace earlier ones. */
  readonly value: Readonly<Record<string, unknown>>;
  /** The errors in the files; `value` may lack keys of a file with errors. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a profile and, depth first and in order, the profiles it extends. */
export async function extendProfile(file: string, options: ExtendOptions): Promise<ExtendedProfile> {
  const walk: Walk = {
    layers: [],
    diagnostics: [],
    roots: [dirname(file), options.shippedBoardsDir],
    options,
  };
  await addLayer(walk, file, []);
  const value = walk.layers.reduce<Record<string, unknown>>(
    (below, { value: above }) => mergeMaps(below, above),
    {},
  );
  delete value['extends'];
  return { layers: walk.layers, value, diagnostics: walk.diagnostics };
}

/** Returns the file that sets the value at `path` of the merged profile, if any does. */
export function decidingLayer({ layers }: ExtendedProfile, path: YamlPath): YamlFile | undefined {
  return layers.findLast(({ value }) => decides(value, path));
}

/** Whether a value has something at `path`, or a list or scalar above it, which replaces the values of earlier files. */
function decides(value: unknown, path: YamlPath): boolean {
  let current = value;
  for (const step of path) {
    if (!isMap(current)) return true;
    if (!Object.hasOwn(current, step)) return false;
    current = current[step];
  }
  return true;
}

interface Walk {
  readonly layers: YamlFile[];
  readonly diagnostics: Diagnostic[];
  /** The folders that extended profiles may lie in. */
  readonly roots: readonly string[];
  readonly options: ExtendOptions;
}

async function addLayer(walk: Walk, file: string, chain: readonly string[]): Promise<void> {
  const shown = walk.options.displayPath(file);
  let yaml: YamlFile;
  try {
    yaml = await readYaml(file, shown, 'board profile');
  } catch (error) {
    if (!(error instanceof DiagnosticsError)) throw error;
    walk.diagnostics.push(...error.diagnostics);
    return;
  }
  const wrongVersion = checkVersion(yaml);
  if (wrongVersion !== undefined) {
    walk.diagnostics.push(wrongVersion);
    return;
  }
  const writtenAt = writtenIn(yaml);
  const checked = checkValue({ schema: extendsSchema, value: yaml.value, noun: 'the profile', writtenAt });
  for (const problem of checked.ok ? [] : checked.problems) {
    walk.diagnostics.push(placeProblem(problem, locateIssue(yaml, problem.path, problem.at)));
  }
  const longer = [...chain, file];
  for (const [index, entry] of (checked.ok ? (checked.value.extends ?? []) : []).entries()) {
    const target = await findExtended(file, entry, walk.options);
    const problem = await refuseEntry(walk, { index, entry, target, chain: longer });
    if (problem === undefined) await addLayer(walk, target, longer);
    else walk.diagnostics.push({ location: locateIssue(yaml, ['extends', index], 'value'), ...problem });
  }
  walk.layers.push(yaml);
}

function checkVersion(yaml: YamlFile): Diagnostic | undefined {
  const { schema } = yaml.value;
  if (typeof schema !== 'number' || SCHEMA_VERSIONS.includes(schema)) return undefined;
  return {
    location: locateIssue(yaml, ['schema'], 'value'),
    message: `schema is ${schema}, but this version of lxc-kit reads version ${SCHEMA_VERSIONS.join(', ')} of the profile format`,
    help: `write "schema: ${Math.max(...SCHEMA_VERSIONS)}", or use a version of lxc-kit that reads version ${schema}`,
  };
}

/** Returns the file that an entry names: one beside the profile but itself, otherwise one that lxc-kit ships. */
async function findExtended(
  file: string,
  entry: string,
  { shippedBoardsDir }: ExtendOptions,
): Promise<string> {
  const own = resolve(dirname(file), entry);
  const shipped = resolve(shippedBoardsDir, entry);
  if (/^\.{0,2}\//.test(entry)) return own;
  if (own !== file && (await realpathIfThere(own)) !== undefined) return own;
  return (await realpathIfThere(shipped)) === undefined ? own : shipped;
}

interface Entry {
  readonly index: number;
  readonly entry: string;
  readonly target: string;
  readonly chain: readonly string[];
}

async function refuseEntry(
  walk: Walk,
  { index, entry, target, chain }: Entry,
): Promise<Omit<Diagnostic, 'location'> | undefined> {
  const { displayPath, shippedBoardsDir } = walk.options;
  const subject = `extends[${index}] is ${JSON.stringify(entry)}`;
  const real = await realpathIfThere(target);
  if (!(await isInside(walk.roots, real ?? target))) {
    return {
      message: `${subject}, which is outside the folder of the profile, ${displayPath(walk.roots[0] ?? '') || '.'}`,
      help: 'move it into that folder, or copy what you need from it',
    };
  }
  if (real === undefined) {
    const plain = entry.replace(/^(?:\.\/)+/, '');
    const isShipped = (await realpathIfThere(resolve(shippedBoardsDir, plain))) !== undefined;
    const help = isShipped
      ? { help: `write "${plain}" for the one that lxc-kit ships` }
      : await suggestFile(target, entry, 'file');
    return { message: `${subject}, but there is no such file`, ...help };
  }
  const reals = await Promise.all(chain.map((file) => realpath(file)));
  const start = reals.indexOf(real);
  if (start === -1) return undefined;
  const circle = [...chain.slice(start), chain[start] ?? target].map((file) => displayPath(file));
  return { message: `extends goes in a circle: ${circle.join(' -> ')}`, help: 'remove this entry' };
}

/** Compares real paths, so that neither `..` nor a symbolic link leads out. */
async function isInside(roots: readonly string[], file: string): Promise<boolean> {
  for (const root of roots) {
    const real = await realpathIfThere(root);
    if (real !== undefined && file.startsWith(real.endsWith(sep) ? real : real + sep)) return true;
    if (file.startsWith(root + sep)) return true;
  }
  return false;
}

async function realpathIfThere(file: string): Promise<string | undefined> {
  try {
    return await realpath(file);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return undefined;
  }
}

function mergeMaps(
  below: Readonly<Record<string, unknown>>,
  above: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(above)) {
    const lower = merged.get(key);
    // Move it to the end: where two keys mean the same (VETH, CONFIG_VETH), the last one wins.
    merged.delete(key);
    merged.set(key, isMap(lower) && isMap(value) ? mergeMaps(lower, value) : value);
  }
  return Object.fromEntries(merged);
}
