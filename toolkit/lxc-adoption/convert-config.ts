import type { ConvertTarget } from './convert-context.ts';
import { checkConfig, rootfsPlace } from '../lxc-config/check-config.ts';
import { cgroupLayouts, type CgroupLayout } from '../cgroups/layouts.ts';
import { describeRange } from '../base/compare-versions.ts';
import { readHeader, retargetHeader } from '../lxc-config/config-header.ts';
import { readSettings, cgroupVersion, type Setting } from '../lxc-config/read-settings.ts';
import { chooseLayout } from './choose-layout.ts';
import { convertSetting } from './convert-setting.ts';
import type { ConvertContext } from './convert-context.ts';
import { convertDevices, type ConvertedDevices } from './convert-devices.ts';
import { rulesOf } from './config-rules.ts';
import { noteRemarks } from './note-remarks.ts';
import { effectiveSettings, modernName } from '../lxc-config/effective-settings.ts';
import { Findings } from '../lxc-keys/findings.ts';
import { findKeyOfAnyRelease } from '../lxc-keys/key-table.ts';
import { keyOfRelease } from '../lxc-keys/key-of-release.ts';
import { fittingRange, layoutFit } from '../cgroups/version-conflicts.ts';
import { orderInterfaces } from './order-interfaces.ts';
import { parseConfigLine } from '../lxc-keys/parse-config-line.ts';
import { noteOverwritten, overwrittenSettings } from '../lxc-config/overwritten-settings.ts';
import { placeOf, withIncludes, type ReadLine, type ReadSetting } from '../lxc-keys/read-config.ts';

/**
 * Converts a configuration of any age for one LXC version: the same settings in the same order, with the comments
 * between them. Throws CONTAINER_INVALID with all settings that the version does not support.
 */
export function convertConfig(lines: readonly ReadLine[], target: ConvertTarget, findings: Findings): string {
  const read = readSettings(lines, findings);
  const overwritten = overwrittenSettings(read);
  noteOverwritten(overwritten, findings);
  const settings = read.filter((setting) => !overwritten.has(setting));
  const counting = effectiveSettings(settings);
  const place = rootfsPlace(counting, '');
  checkConfig(counting, place, { unread: lines.some(isUnread) }, findings);
  const everything = inReadingOrder(lines, settings);
  const layout = chooseLayout(everything, target, findings);
  warnOfLayout(settings, target, layout, findings);
  const context: ConvertContext = {
    ...target,
    layout,
    from: readHeader(lines)?.release,
    made: readHeader(lines) !== undefined,
    place,
    settings: effectiveSettings(everything),
    devices: devicesFor(lines, settings, effectiveSettings(everything), layout, findings),
    findings,
  };
  const text = writeLines(lines, settings, new Set(overwritten.keys()), context);
  noteIncludes(lines, target, findings);
  findings.throwErrors();
  return text;
}

function writeLines(
  lines: readonly ReadLine[],
  settings: readonly Setting[],
  overwritten: ReadonlySet<Setting>,
  context: ConvertContext,
): string {
  const gone = new Set<ReadSetting>([...overwritten].map(({ line }) => line));
  const byLine = new Map<ReadSetting, Setting>(settings.map((setting) => [setting.line, setting]));
  const blocks = orderInterfaces(settings, context);
  let interfaceOfComment = -1;
  const written = lines.flatMap((line): string[] => {
    if (line.kind === 'comment') {
      const converted = convertComment(line.source.text, context, interfaceOfComment);
      interfaceOfComment = converted.index;
      return [converted.text];
    }
    if (line.kind === 'setting' && gone.has(line)) return [];
    const setting = line.kind === 'setting' ? byLine.get(line) : undefined;
    if (setting === undefined) return [line.source.text.trimEnd()];
    interfaceOfComment = setting.index ?? interfaceOfComment;
    return (blocks.get(setting) ?? [setting]).flatMap((one) => writeSetting(one, context));
  });
  return written.length === 0 ? '' : `${written.join('\n')}\n`;
}

function writeSetting(setting: Setting, context: ConvertContext): string[] {
  const { source } = setting.line;
  const converted = convertSetting(setting, context);
  const comment = setting.comment === undefined ? [] : [setting.comment];
  const same = parseConfigLine(source.text);
  const text = converted.map(({ key, value }) => `${key} = ${value}`.trimEnd());
  const [only, ...more] = converted;
  // An unchanged line keeps its spaces.
  if (only !== undefined && more.length === 0 && same.kind === 'setting') {
    const { key, value } = only;
    const quoted = same.value !== source.text.slice(source.text.indexOf('=') + 1).trim();
    if (same.key === key && same.value === value && !quoted) return [source.text.trimEnd()];
  }
  return [...comment, ...text];
}

/** A setting that is commented out gets the key of the new release, so that it works when the # is removed. */
function convertComment(
  text: string,
  { lxcVersion }: ConvertContext,
  index: number,
): { readonly text: string; readonly index: number } {
  const [, hashes = '', rest = ''] = /^(\s*#+\s*)(lxc\..*)$/.exec(text) ?? [];
  const line = parseConfigLine(rest);
  const row = line.kind === 'setting' ? findKeyOfAnyRelease(line.key) : undefined;
  if (line.kind !== 'setting' || row === undefined) return { text: retargetHeader(text, lxcVersion), index };
  const written = /^lxc\.net(?:work)?\.(\d+)\./.exec(line.key)?.[1];
  const isNetwork = /^lxc\.net(?:work)?\./.test(row.key);
  const at = written !== undefined ? Number(written) : row.key === 'lxc.network.type' ? index + 1 : index;
  const part = row.key.includes('<') ? line.key.slice(row.key.indexOf('<')) : '';
  const key = keyOfRelease(row, lxcVersion)
    ?.key.replace('[i]', String(Math.max(0, at)))
    .replace(/<\w+>/, part);
  const next = isNetwork ? at : index;
  if (key === undefined || key === line.key) return { text, index: next };
  return { text: `${hashes}${key}${rest.slice(line.key.length)}`, index: next };
}

function warnOfLayout(
  settings: readonly Setting[],
  { lxcVersion, cgroup }: ConvertTarget,
  layout: CgroupLayout | 'both',
  findings: Findings,
): void {
  const first = settings.find(({ row }) => cgroupVersion(row) !== undefined);
  if (cgroup === undefined || layout === 'both' || first === undefined) return;
  if (layout !== 'v1-single' || layoutFit(lxcVersion, layout).fits === 'yes') return;
  findings.note(
    'assumed',
    placeOf(first.line.source),
    `LXC ${lxcVersion} finds no controllers in a single hierarchy of cgroup v1; ${describeRange(fittingRange(layout))} do`,
    'mount one hierarchy for each controller, or mount cgroup v2',
  );
}

/** Returns the settings of the file and its includes in the order in which LXC reads them. */
function inReadingOrder(lines: readonly ReadLine[], own: readonly Setting[]): Setting[] {
  const byLine = new Map(own.map((setting) => [setting.line, setting]));
  return readSettings(withIncludes(lines), new Findings()).map(
    (setting) => byLine.get(setting.line) ?? setting,
  );
}

function devicesFor(
  lines: readonly ReadLine[],
  own: readonly Setting[],
  counting: readonly Setting[],
  layout: CgroupLayout | 'both',
  findings: Findings,
): ConvertedDevices {
  const unknownBefore = isPart(counting) || lines.some(isUnread);
  const kept = rulesOf(counting, 'v2');
  if (layout === 'both' || cgroupLayouts[layout].version === 'v2')
    if (!unknownBefore) noteRemarks(kept, 'v2', 'mended', findings);
  if (layout === 'both') return new Map();
  const { version: to } = cgroupLayouts[layout];
  const from = to === 'v1' ? 'v2' : 'v1';
  const mine = new Set(own);
  const rules = rulesOf(counting, from);
  if (counting.some(({ row }) => cgroupVersion(row) === to)) return new Map();
  return convertDevices(
    {
      rules,
      own: new Set(rules.filter((one) => mine.has(one))),
      from,
      unknownBefore,
    },
    findings,
  );
}

/** Whether a file is only included by others: a container's configuration sets its name or its root. */
function isPart(settings: readonly Setting[]): boolean {
  return !settings.some((one) => ['lxc.uts.name', 'lxc.rootfs.path'].includes(modernName(one)));
}

function isUnread(line: ReadLine): boolean {
  return line.kind === 'setting' && (line.unreadable !== undefined || (line.included ?? []).some(isUnread));
}

/** Notes includes that stay as they are: other configurations may include them, and LXC ships its own. */
function noteIncludes(lines: readonly ReadLine[], target: ConvertTarget, findings: Findings): void {
  for (const line of lines) {
    if (line.kind !== 'setting' || line.key !== 'lxc.include') continue;
    const place = placeOf(line.source, 'value');
    if (line.unreadable !== undefined) {
      findings.note(
        'assumed',
        place,
        `the line stays; the file could not be read (${line.unreadable}), so its settings were not checked`,
        'give the root folder of the device with --root',
      );
    }
    for (const file of new Set((line.included ?? []).map(({ source }) => source.file))) {
      const own = (line.included ?? []).filter(({ source }) => source.file === file);
      if (isFor(own, target)) continue;
      findings.note(
        'assumed',
        place,
        `the line stays; ${file} is not for LXC ${target.lxcVersion} and was not converted`,
        `run: lxc-kit container convert ${file} --to ${target.lxcVersion}`,
      );
    }
  }
}

function isFor(lines: readonly ReadLine[], target: ConvertTarget): boolean {
  try {
    const before = lines.map(({ source }) => `${source.text.trimEnd()}\n`).join('');
    return convertConfig(lines, target, new Findings()) === before;
  } catch {
    return false;
  }
}
