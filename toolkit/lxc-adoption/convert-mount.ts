import { compareVersions, describeRange } from '../base/compare-versions.ts';
import type { Setting } from '../lxc-config/read-settings.ts';
import type { ConvertContext } from './convert-context.ts';
import { mountTarget } from '../lxc-keys/mount-target.ts';
import { placeOf } from '../lxc-keys/read-config.ts';

/** LXC's own mount options and the release that added each. */
const OPTIONS = [
  { option: /^relative$/, since: '3.0.0' },
  { option: /^idmap=/, since: '4.0.7' },
];

/**
 * Makes the target of a mount entry relative to the root filesystem, which every release accepts. An absolute target
 * depends on how the path of the root filesystem is written.
 */
export function convertMount(setting: Setting, { lxcVersion, place, findings }: ConvertContext): string {
  const [, device = '', blank = ' ', target = '', rest = ''] =
    /^(\S+)(\s+)(\S+)(.*)$/s.exec(setting.value) ?? [];
  const options = rest.trim().split(/\s+/)[1] ?? '';
  for (const { option, since } of OPTIONS) {
    const found = options.split(',').find((one) => option.test(one));
    if (found === undefined || compareVersions(lxcVersion, since) >= 0) continue;
    findings.error(
      placeOf(setting.line.source, 'value'),
      `LXC ${lxcVersion} does not know the mount option ${found}; ${describeRange({ since })} do`,
      'remove the option',
    );
  }
  if (!target.startsWith('/') || place.rootfs === undefined) return setting.value;
  return `${device}${blank}${mountTarget(target, place).inside.slice(1)}${rest}`;
}
