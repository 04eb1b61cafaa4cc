import type { Setting } from './read-settings.ts';

/** Returns a setting's name in the newest releases: `lxc.net.0.ipv4.address` for the first `lxc.network.ipv4`. */
export function modernName({ row, part, index }: Pick<Setting, 'row' | 'part' | 'index'>): string {
  return (row.replacedBy ?? row.key).replace('[i]', String(index ?? 0)).replace(/<\w+>/, part);
}

/**
 * Returns the settings in force after the whole configuration is read: the last one of a key that counts once, and all
 * of a list since the last line that cleared it.
 */
export function effectiveSettings(settings: readonly Setting[]): Setting[] {
  let counting: Setting[] = [];
  for (const setting of settings) {
    const name = modernName(setting);
    if (setting.row.type === 'clear') {
      const emptied = `${setting.row.replacedBy ?? setting.row.key}.`.replace('lxc.network.', 'lxc.net.');
      counting = counting.filter((one) => !modernName(one).startsWith(emptied));
    } else if (setting.value === '' || setting.row.repeated !== true) {
      counting = counting.filter((one) => modernName(one) !== name);
      if (setting.value !== '') counting.push(setting);
    } else {
      counting.push(setting);
    }
  }
  return counting;
}
