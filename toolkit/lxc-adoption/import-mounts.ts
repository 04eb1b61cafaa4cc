import type { DraftDefinition } from './draft-definition.ts';
import type { Setting } from '../lxc-config/read-settings.ts';
import { mountTarget, type RootfsPlace } from '../lxc-keys/mount-target.ts';
import { createdType, isRunTimePath } from '../containers/wanted-mounts.ts';

/** Keeps a setting that a definition cannot express as a raw line; `why` is the reason. */
export type KeepRaw = (setting: Setting, why: string) => void;

/** The mount options of a plain path in `bind`. */
const PLAIN_BIND = 'ro,nosuid,nodev';

/** File systems in which LXC must create the mount points. */
const EMPTY_FILE_SYSTEMS = ['tmpfs', 'ramfs'];

interface Entry {
  readonly device: string;
  readonly to: string;
  readonly type: string;
  readonly options: readonly string[];
  readonly setting: Setting;
}

/** Imports mount entries as `bind` and `mounts` of a definition, the reverse of its mount plan. */
export function importMounts(
  settings: readonly Setting[],
  place: RootfsPlace,
  autodev: boolean,
  draft: DraftDefinition,
  keepRaw: KeepRaw,
): void {
  const entries: Entry[] = [];
  for (const setting of settings) {
    const entry = readEntry(setting, place);
    const twin = entries.find(({ to }) => to === entry.to);
    if (entry.to === '/') keepRaw(setting, 'a definition cannot mount over the root itself');
    else if (twin !== undefined)
      keepRaw(setting, `line ${twin.setting.line.source.number} already mounts something on ${entry.to}`);
    else entries.push(entry);
  }
  for (const entry of entries) {
    const options = withoutCreate(entry, entries, autodev);
    if (entry.type === 'none' && entry.options.some((option) => /^r?bind$/.test(option)))
      draft.add(['bind'], bindOf(entry, options), [entry.setting]);
    else draft.add(['mounts'], mountOf(entry, options), [entry.setting]);
  }
}

function readEntry(setting: Setting, place: RootfsPlace): Entry {
  const [device = '', target = '', type = '', options = 'defaults'] = setting.value.split(/\s+/);
  return {
    device,
    to: mountTarget(target, place).inside,
    type,
    options: options.split(',').filter((option) => option !== ''),
    setting,
  };
}

function bindOf({ device, to }: Entry, options: readonly string[]): unknown {
  const optional = options.includes('optional');
  const rest = options.filter((option) => option !== 'bind' && option !== 'optional');
  const plain = rest.join(',') === PLAIN_BIND;
  if (plain && device === to && !optional) return to;
  return {
    from: device,
    ...(device === to ? {} : { to }),
    ...(plain ? {} : { options: rest }),
    ...(optional ? { optional } : {}),
  };
}

function mountOf({ device, to, type }: Entry, options: readonly string[]): unknown {
  const given = options.join(',') === 'defaults' ? [] : options;
  return {
    type,
    ...(device === type ? {} : { from: device }),
    to,
    ...(given.length === 0 ? {} : { options: given }),
  };
}

/** Removes `create=…` where lxc-kit adds it itself: below /dev and below an empty file system. */
function withoutCreate(
  { device, to, type, options }: Entry,
  entries: readonly Entry[],
  autodev: boolean,
): readonly string[] {
  const created = createdType(options);
  const above = entries.filter((entry) => to.startsWith(`${entry.to}/`)).sort(longestFirst)[0];
  const added =
    above === undefined ? autodev && to.startsWith('/dev/') : EMPTY_FILE_SYSTEMS.includes(above.type);
  if (created === undefined || !added) return options;
  const isBind = type === 'none' && options.some((option) => /^r?bind$/.test(option));
  const known = !isBind
    ? created === 'dir'
    : device.startsWith('/dev/')
      ? created === 'file'
      : !isRunTimePath(device);
  return known ? options.filter((option) => option !== `create=${created}`) : options;
}

function longestFirst(a: Entry, b: Entry): number {
  return b.to.length - a.to.length;
}
