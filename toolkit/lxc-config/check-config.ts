import { modernName } from './effective-settings.ts';
import type { Setting } from './read-settings.ts';
import type { Findings } from '../lxc-keys/findings.ts';
import { directoryOf, mountTarget, type RootfsPlace } from '../lxc-keys/mount-target.ts';
import { placeOf } from '../lxc-keys/read-config.ts';

/** Finds mistakes across lines: overlapping ID maps, duplicate interface names, mounts outside the root filesystem. */
export function checkConfig(
  settings: readonly Setting[],
  place: RootfsPlace,
  /** Whether an included file could not be read. */
  { unread }: { readonly unread: boolean },
  findings: Findings,
): void {
  checkIdMaps(settings, findings);
  checkInterfaces(settings, unread, findings);
  checkCapabilities(settings, findings);
  checkMounts(settings, place, findings);
}

/** Returns the root filesystem and the name of the container, on which mount targets depend. */
export function rootfsPlace(settings: readonly Setting[], fallbackName: string): RootfsPlace {
  const value = (name: string): string | undefined =>
    settings.find((setting) => modernName(setting) === name)?.value;
  const path = value('lxc.rootfs.path');
  return {
    rootfs: path === undefined ? undefined : (directoryOf(path) ?? path),
    name: value('lxc.uts.name') ?? fallbackName,
  };
}

function checkIdMaps(settings: readonly Setting[], findings: Findings): void {
  const maps = settings.filter(({ row }) => row.type === 'idmap');
  const rangeOf = ({ value }: Setting): { kind: string; inside: number; host: number; count: number } => {
    const [kind = '', ...numbers] = value.split(/\s+/);
    const [inside = 0, host = 0, count = 0] = numbers.map(Number);
    return { kind, inside, host, count };
  };
  for (const [i, setting] of maps.entries()) {
    const here = rangeOf(setting);
    const place = placeOf(setting.line.source, 'value');
    const beyond = Math.max(here.inside, here.host) + here.count > 2 ** 32 - 1;
    if (here.count === 0 || beyond) {
      findings.error(
        place,
        here.count === 0
          ? `${setting.key} maps nothing: its count is 0`
          : `${setting.key} goes beyond the last ID, 4294967294`,
        'the four parts are u or g, the first ID in the container, the first ID on the device, and the count',
      );
      continue;
    }
    for (const earlier of maps.slice(0, i)) {
      const there = rangeOf(earlier);
      if (there.kind !== here.kind) continue;
      const overlap = (['inside', 'host'] as const).find(
        (side) => here[side] < there[side] + there.count && there[side] < here[side] + here.count,
      );
      if (overlap === undefined) continue;
      const next = there[overlap] + there.count;
      findings.error(
        place,
        `this map overlaps the one of line ${earlier.line.source.number} ${overlap === 'host' ? 'on the device' : 'in the container'}: ` +
          `that one takes ${there[overlap]} to ${next - 1}, and the kernel refuses both`,
        `begin at ${next}, or shorten the earlier one`,
      );
    }
  }
}

function checkInterfaces(settings: readonly Setting[], unread: boolean, findings: Findings): void {
  const types = new Map<number, string>();
  for (const one of settings)
    if (/^lxc\.net\.\d+\.type$/.test(modernName(one))) types.set(one.index ?? 0, one.value);
  const names = new Map<string, Setting>();
  const withoutType = new Set<number>();
  for (const setting of settings) {
    const { index } = setting;
    if (index === undefined) continue;
    if (!types.has(index) && !withoutType.has(index)) {
      withoutType.add(index);
      noteMissingType(setting, index, unread, findings);
    }
    if (!/^lxc\.net\.\d+\.name$/.test(modernName(setting))) continue;
    const first = names.get(setting.value);
    if (first === undefined) names.set(setting.value, setting);
    else if (types.get(index) !== 'empty' || types.get(first.index ?? 0) !== 'empty') {
      findings.error(
        placeOf(setting.line.source, 'value'),
        `two interfaces have the name ${setting.value}: this one and that of line ${first.line.source.number}`,
        `give one of them another name, such as ${nextName(setting.value)}`,
      );
    }
  }
}

/** Notes a missing type: LXC 2.1 and later make the interface an empty one; the type may also be in an included file. */
function noteMissingType(setting: Setting, index: number, unread: boolean, findings: Findings): void {
  const place = placeOf(setting.line.source, 'key');
  const help = `add a line lxc.net.${index}.type = veth before it, or another type`;
  if (unread)
    findings.note(
      'assumed',
      place,
      `interface ${index} has no type here; it is assumed to be in an included file that is missing`,
      help,
    );
  else if (setting.row.replacedBy === undefined)
    findings.note(
      'mended',
      place,
      `interface ${index} has no type: LXC 2.1 and later make it an empty one, which has only a loopback`,
      help,
    );
  else findings.error(place, `interface ${index} has no type, and LXC needs one`, help);
}

function nextName(name: string): string {
  const [, stem = name, number = '0'] = /^(.*?)(\d*)$/.exec(name) ?? [];
  return `${stem}${Number(number === '' ? '0' : number) + 1}`;
}

function checkCapabilities(settings: readonly Setting[], findings: Findings): void {
  const drop = settings.find(({ row }) => row.key === 'lxc.cap.drop');
  const keep = settings.find(({ row }) => row.key === 'lxc.cap.keep');
  if (drop === undefined || keep === undefined) return;
  findings.error(
    placeOf(keep.line.source, 'key'),
    `lxc.cap.keep cannot be combined with the lxc.cap.drop of line ${drop.line.source.number}: LXC does not start the container`,
    'remove one of the two',
  );
}

function checkMounts(settings: readonly Setting[], place: RootfsPlace, findings: Findings): void {
  for (const setting of settings.filter(({ row }) => row.key === 'lxc.mount.entry')) {
    const [device = '', target = '', ...rest] = setting.value.split(/\s+/);
    const { inside, place: where } = mountTarget(target, place);
    if (where === 'inside') continue;
    const source = placeOf(setting.line.source, 'value');
    const at = source.sourceLine?.indexOf(target, source.column - 1 + device.length) ?? -1;
    const location = at === -1 ? source : { ...source, column: at + 1, length: target.length };
    if (where === 'escaping') {
      findings.error(
        location,
        `the mount target ${target} leads out of the root filesystem`,
        'write the path in the container, relative to its root',
      );
      continue;
    }
    findings.note(
      'mended',
      location,
      `LXC skips this mount with only a warning: ${target} is not in the root filesystem ${place.rootfs ?? ''}`,
      `write ${setting.key} = ${[device, inside.slice(1), ...rest].join(' ')}`,
    );
  }
}
