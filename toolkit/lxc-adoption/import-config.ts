import { posix } from 'node:path';
import { checkConfig, rootfsPlace } from '../lxc-config/check-config.ts';
import { describeRange } from '../base/compare-versions.ts';
import { FEW_PTYS, HIGHEST_ORDER_FIRST, PTY_COUNTS_SINCE } from '../lxc-keys/changed-meanings.ts';
import { conceptOf, type Concept } from '../lxc-keys/concept-keys.ts';
import { readSettings, type Setting } from '../lxc-config/read-settings.ts';
import { DraftDefinition } from './draft-definition.ts';
import { effectiveSettings, modernName } from '../lxc-config/effective-settings.ts';
import type { Findings } from '../lxc-keys/findings.ts';
import { readOverlayHook } from '../lxc-config/rootfs-storage.ts';
import { readHeader, type ConfigHeader } from '../lxc-config/config-header.ts';
import { importCgroup } from './import-cgroup.ts';
import { importFields } from './import-fields.ts';
import { importMounts, type KeepRaw } from './import-mounts.ts';
import { chooseKind, leaveOutDefaults } from './import-kind.ts';
import { importIncludes } from './import-includes.ts';
import { importNetwork, importSharedNetwork } from './import-network.ts';
import { rawLinesFor, type ImportTarget, type RawSetting } from './import-raw.ts';
import { importPrivileges } from './import-privileges.ts';
import { importRootfs } from './import-rootfs.ts';
import type { PropertyPath } from '../lxc-keys/problem-list.ts';
import { noteOverwritten, overwrittenSettings } from '../lxc-config/overwritten-settings.ts';
import { placeOf, withIncludes, type ReadLine } from '../lxc-keys/read-config.ts';

/** Returns the problems of a definition according to its schema. */
export type Validate = (definition: Readonly<Record<string, unknown>>) => readonly {
  readonly path: PropertyPath;
  readonly message: string;
}[];

/** Concepts that are always written for a definition; a raw line would set them twice. */
const ALWAYS_WRITTEN: readonly (Concept | undefined)[] = ['hostname', 'rootfs-path', 'autodev'];

/**
 * Converts a configuration of any age to a container definition. Settings that a definition cannot express are kept in
 * `raw` or left out, and noted. Throws CONTAINER_INVALID with all errors of the configuration.
 *
 * @param file The path of the configuration, from which the name is taken if the configuration has none.
 * @param target The LXC release and cgroup layout for which raw lines are written.
 */
export function importConfig(
  lines: readonly ReadLine[],
  file: string,
  target: ImportTarget,
  validate: Validate,
  findings: Findings,
): Record<string, unknown> {
  const all = readSettings(withIncludes(lines), findings);
  const settings = effectiveSettings(all);
  const header = readHeader(lines);
  const find = (name: string): Setting | undefined => settings.find((one) => modernName(one) === name);
  const name = containerName(header, find('lxc.uts.name')?.value, find('lxc.rootfs.path')?.value, file);
  const place = rootfsPlace(settings, name);
  checkConfig(
    settings,
    place,
    { unread: settings.some(({ line }) => line.unreadable !== undefined) },
    findings,
  );
  noteOverwritten(overwrittenSettings(all), findings);
  findings.throwErrors();

  const draft = new DraftDefinition();
  const raw: RawSetting[] = [];
  const keepRaw: KeepRaw = (setting, why) => {
    raw.push({ setting, why });
  };
  draft.set(['name'], name);
  const overlay = settings.find((one) => overlayOf(one, name) !== undefined);
  const fields = settings.filter(
    (setting) => setting !== overlay && (header !== undefined || !isFewPtys(setting, findings)),
  );
  const rest = importFields(fields, draft, keepRaw, header?.release);
  noteOrder(find('lxc.start.order'), header, all, findings);
  const of = (test: (concept: Concept | undefined) => boolean): Setting[] =>
    rest.filter(({ row }) => test(conceptOf(row)));
  const autodev = find('lxc.autodev')?.value !== '0';
  if (overlay !== undefined) draft.set(['rootfs', 'overlay'], overlayOf(overlay, name) ?? {}, [overlay]);
  importRootfs(header, name, find('lxc.rootfs.path'), find('lxc.rootfs.backend'), draft, findings);
  importMounts(
    of((concept) => concept === 'mount-entry'),
    place,
    autodev,
    draft,
    keepRaw,
  );
  importNetwork(
    rest.filter(({ index }) => index !== undefined),
    draft,
    keepRaw,
  );
  importIncludes(
    of((concept) => concept === 'include'),
    settings,
    draft,
    keepRaw,
  );
  importSharedNetwork(
    of((concept) => concept === 'share-network'),
    draft,
    keepRaw,
  );
  importCgroup(
    of((concept) => concept === 'cgroup-v1' || concept === 'cgroup-v2'),
    settings.some(({ line }) => line.unreadable !== undefined),
    draft,
    keepRaw,
    findings,
  );
  importCommand(
    of((concept) => concept === 'init-command')[0],
    of((concept) => concept === 'execute-command')[0],
    draft,
    keepRaw,
  );
  for (const setting of rest) importOther(setting, keepRaw, findings);

  keepWhatIsNotTaken(draft, validate, keepRaw, findings);
  const definition = draft.value();
  chooseKind(
    definition,
    header,
    lines[0] === undefined ? undefined : { file: lines[0].source.file, line: 1, column: 1 },
    findings,
  );
  leaveOutDefaults(definition);
  importPrivileges(definition, raw, header, lines[0], findings);
  const inOrder = raw.toSorted((a, b) => settings.indexOf(a.setting) - settings.indexOf(b.setting));
  const texts = rawLinesFor(inOrder, settings, target, place, header, findings);
  if (texts.length > 0) definition['raw'] = texts;
  return definition;
}

/** Returns the overlay that a hook of lxc-kit's mounts; undefined for every other setting. */
function overlayOf({ row, value }: Setting, name: string): ReturnType<typeof readOverlayHook> {
  return row.key === 'lxc.hook.pre-start' ? readOverlayHook(value, name) : undefined;
}

/** Returns the name it had in lxc-kit, otherwise its host name, folder or file, if that is a valid name. */
function containerName(
  header: ConfigHeader | undefined,
  hostname: string | undefined,
  rootfs: string | undefined,
  file: string,
): string {
  const candidates = [
    header?.name,
    hostname,
    ...[rootfs?.replace(/^.*:/, ''), file].map((path) => {
      const parts = (path ?? '')
        .split('/')
        .filter((part) => !['', 'rootfs', 'config', '.', '..'].includes(part));
      return posix.basename(parts.at(-1) ?? '', '.conf');
    }),
    'container',
  ];
  const names = candidates.map((text) =>
    (text ?? '')
      .replace(/[^A-Za-z0-9_.-]+/g, '-')
      .replace(/^[.-]+/, '')
      .slice(0, 64),
  );
  return names.find((text) => text !== '') ?? '';
}

function importCommand(
  init: Setting | undefined,
  execute: Setting | undefined,
  draft: DraftDefinition,
  keepRaw: KeepRaw,
): void {
  if (init !== undefined) draft.set(['command'], init.value.split(/\s+/), [init]);
  if (execute !== undefined && execute.value !== init?.value)
    keepRaw(execute, 'a definition has one command for lxc-start and lxc-execute');
}

/** Notes a start order that LXC 1.x reads in reverse; only with legacy keys is it unclear which one is meant. */
function noteOrder(
  order: Setting | undefined,
  header: ConfigHeader | undefined,
  settings: readonly Setting[],
  findings: Findings,
): void {
  const isLegacy = settings.some(({ row }) => row.until !== undefined && row.replacedBy !== undefined);
  if (order === undefined || header !== undefined || !isLegacy) return;
  findings.note(
    'assumed',
    placeOf(order.line.source),
    'the lowest order starts first, as in LXC 2.0 and later',
    `if the file is for LXC ${describeRange(HIGHEST_ORDER_FIRST)}, where the highest starts first, write autostart.order: ${0 - Number(order.value)}`,
  );
}

/** Whether this is `lxc.pts = 1` of old releases, which means that there are pseudo terminals, not how many. */
function isFewPtys({ row, value, line }: Setting, findings: Findings): boolean {
  if (row.key !== 'lxc.pts' || value === '' || value === '0' || Number(value) >= FEW_PTYS) return false;
  findings.note(
    'left-out',
    placeOf(line.source),
    `lxc.pts = ${value} only means that there are pseudo terminals; since LXC ${PTY_COUNTS_SINCE} it would be their maximum number`,
    'write pty: 1024 if programs of the container open pseudo terminals',
  );
  return true;
}

/** Keys of old releases that have no effect any more. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  'lxc.pivotdir': 'LXC needs no such directory: it finds one itself, and has no key for it since 3.0.0',
};

function importOther(setting: Setting, keepRaw: KeepRaw, findings: Findings): void {
  const { row, line, index } = setting;
  const concept = conceptOf(row);
  if (concept !== undefined || index !== undefined || row.key === 'lxc.rootfs.backend') return;
  const why = WITHOUT_EFFECT[row.key];
  if (why !== undefined) findings.note('left-out', placeOf(line.source), why);
  else keepRaw(setting, 'a definition cannot express it');
}

/** Removes the parts that the schema refuses, until the definition is valid. */
function keepWhatIsNotTaken(
  draft: DraftDefinition,
  validate: Validate,
  keepRaw: KeepRaw,
  findings: Findings,
): void {
  for (;;) {
    const [problem] = validate(draft.value());
    if (problem === undefined) return;
    const parts = draft.partsAt(problem.path);
    if (parts.length === 0) throw new Error(`the imported definition is invalid: ${problem.message}`);
    draft.remove(parts);
    for (const setting of new Set(parts.flatMap(({ settings }) => settings))) {
      if (ALWAYS_WRITTEN.includes(conceptOf(setting.row)))
        findings.note('left-out', placeOf(setting.line.source), `left out: ${problem.message}`);
      else keepRaw(setting, problem.message);
    }
  }
}
