import { mapsOf } from '../lxc-keys/id-map-lines.ts';
import { defaultMeasures } from './default-measures.ts';
import type { Measure } from './measure.ts';

/*
 * The kernel's side is from Kconfig and user_namespaces(7), LXC's from the first releases of the keys in
 * toolkit/lxc-keys/lxc-keys.ts. The stopped attempts were found by trying them as root in containers with and without.
 */
export const measures: readonly Measure[] = [
  {
    name: 'user-namespace',
    what: 'a user namespace',
    symbols: ['USER_NS'],
    kernel: { since: '3.8' },
    lxc: { since: '1.0.0' },
    stops: [
      'devices',
      'mounts',
      'remounts',
      'namespaces',
      'handles',
      'terminals',
      'proc-sys',
      'cgroups',
      'setuid',
      'modules',
      'time',
      'processes',
    ],
    without: 'its root is the root of the device',
    wish: (container) => {
      if (container.privileged === true) return 'declined';
      return container.privileged === false || (mapsOf(container).length > 0 && !container.givenIds)
        ? 'asked'
        : 'default';
    },
    key: 'privileged',
    decline: 'privileged: true',
    drop: (container) => ({ ...container, idmap: [], givenIds: false }),
  },
  ...defaultMeasures,
];

/** Returns all kernel symbols of the table, without `CONFIG_`. */
export function confiningSymbols(): string[] {
  return [
    ...new Set(
      measures.flatMap(({ symbols, layoutSymbols }) => [
        ...symbols,
        ...Object.values(layoutSymbols ?? {}).flat(),
      ]),
    ),
  ].sort();
}
