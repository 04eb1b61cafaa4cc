import { CAPABILITIES } from '../base/linux-names.ts';
import type { Setting } from '../lxc-config/read-settings.ts';
import { modernName } from '../lxc-config/effective-settings.ts';
import type { ContainerFacts } from './container-facts.ts';

/** Returns a sentence for each difference between configuration and running container, except limits and devices. */
export function judgeFacts(settings: readonly Setting[], facts: ContainerFacts): string[] {
  return [
    ...judgeMounts(settings, facts),
    ...judgeCapabilities(settings, facts),
    ...judgeNetwork(settings, facts),
  ];
}

/** The targets of `lxc.mount.auto` (lxc.container.conf(5)). */
const AUTOMATIC: Readonly<Record<string, string>> = { proc: '/proc', sys: '/sys' };

function judgeMounts(settings: readonly Setting[], { mounts }: ContainerFacts): string[] {
  if (mounts.length === 0) return [];
  const at = (target: string) => mounts.filter((mount) => mount.at === target);
  const automatic = valuesOf(settings, 'lxc.mount.auto')
    .flatMap((value) => value.split(/\s+/))
    .flatMap((word) => {
      const target = AUTOMATIC[word.split(':')[0] ?? ''];
      return target === undefined || at(target).length > 0
        ? []
        : [`nothing is mounted on ${target}: lxc.mount.auto = ${word}`];
    });
  const entries = valuesOf(settings, 'lxc.mount.entry').flatMap((value) => {
    const [, where = '', , optionText = ''] = value.split(/\s+/);
    const options = optionText.split(',');
    if (where === '' || options.includes('optional')) return [];
    const target = `/${where.replace(/^\/+|\/+$/g, '')}`;
    const found = at(target);
    if (found.length === 0) return [`nothing is mounted on ${target}: lxc.mount.entry = ${value}`];
    const writable =
      options.includes('ro') && !found.some((one) => [...one.options, ...one.superOptions].includes('ro'));
    return writable ? [`${target} must be read-only, but is writable: lxc.mount.entry = ${value}`] : [];
  });
  return [...automatic, ...entries];
}

function judgeCapabilities(settings: readonly Setting[], { status }: ContainerFacts): string[] {
  const bounding = status.get('CapBnd');
  if (bounding === undefined) return [];
  const bits = BigInt(`0x${bounding}`);
  const has = (index: number): boolean => ((bits >> BigInt(index)) & 1n) === 1n;
  const held = CAPABILITIES.filter((_name, index) => has(index));
  const words = (key: string): string[] => valuesOf(settings, key).flatMap((value) => value.split(/\s+/));
  const [drop, keep] = [words('lxc.cap.drop'), words('lxc.cap.keep')];
  const kept = keep.length === 0 ? undefined : keep;
  const tooMuch = held.filter((name) => drop.includes(name) || (kept !== undefined && !kept.includes(name)));
  if (tooMuch.length === 0) return [];
  return [
    `it still has ${tooMuch.join(', ')}: ${kept === undefined ? 'lxc.cap.drop' : 'lxc.cap.keep'} is not in force`,
  ];
}

function judgeNetwork(settings: readonly Setting[], facts: ContainerFacts): string[] {
  const types = new Map(
    settings.flatMap((one) => {
      const [, index] = /^lxc\.net\.(\d+)\.type$/.exec(modernName(one)) ?? [];
      return index === undefined ? [] : [[index, one.value] as const];
    }),
  );
  const shared = settings.some((one) => modernName(one).startsWith('lxc.namespace.share.net'));
  if (types.size === 0 || shared || [...types.values()].includes('none')) return [];
  if (facts.hostNetwork)
    return ["it must have its own network, but shares the device's: lxc.net is not in force"];
  return settings.flatMap((one) => {
    const [, index = '', key] =
      /^lxc\.net\.(\d+)\.(name|ipv4\.address|ipv6\.address)$/.exec(modernName(one)) ?? [];
    if (key === undefined || types.get(index) === 'empty') return [];
    const there =
      key === 'name'
        ? facts.interfaces.includes(one.value)
        : facts.addresses.has(key === 'ipv4.address' ? addressOf(one.value) : inFull(addressOf(one.value)));
    if (there) return [];
    return [
      `it has no ${key === 'name' ? 'interface' : 'address'} ${one.value}: ${one.key} = ${one.value} is not in force`,
    ];
  });
}

function addressOf(value: string): string {
  return value.split(/[/\s]/)[0] ?? '';
}

/** Returns an IPv6 address as in /proc/net/if_inet6: 32 digits. */
function inFull(address: string): string {
  const [before = '', after] = address.toLowerCase().split('::');
  const groups = (text: string | undefined): string[] =>
    text === undefined || text === '' ? [] : text.split(':');
  const [first, last] = [groups(before), groups(after)];
  const zeros = after === undefined ? [] : Array.from({ length: 8 - first.length - last.length }, () => '0');
  return [...first, ...zeros, ...last].map((group) => group.padStart(4, '0')).join('');
}

function valuesOf(settings: readonly Setting[], key: string): string[] {
  return settings.filter((one) => modernName(one) === key).map(({ value }) => value);
}
