import type { ConfigHeader } from '../lxc-config/config-header.ts';
import type { Findings } from '../lxc-keys/findings.ts';
import { chooseRanges, rangeMaps } from '../lxc-keys/id-ranges.ts';
import type { ReadLine } from '../lxc-keys/read-config.ts';
import type { RawSetting } from './import-raw.ts';

/**
 * Says of a definition whether its container is privileged. To LXC a configuration without ID maps is; a definition has
 * to say so. A range that lxc-kit chose is left out: the definition gets it again.
 */
export function importPrivileges(
  definition: Record<string, unknown>,
  raw: readonly RawSetting[],
  header: ConfigHeader | undefined,
  first: ReadLine | undefined,
  findings: Findings,
): void {
  const name = String(definition['name']);
  const { idmap } = definition;
  if (raw.some(({ setting }) => setting.row.type === 'idmap')) return;
  if (Array.isArray(idmap) && idmap.length > 0) {
    const host = chooseRanges([name], []).get(name) ?? 0;
    if (header !== undefined && JSON.stringify(idmap) === JSON.stringify(rangeMaps(host)))
      delete definition['idmap'];
    return;
  }
  definition['privileged'] = true;
  if (header !== undefined) return;
  findings.note(
    'assumed',
    first === undefined ? undefined : { file: first.source.file, line: 1, column: 1 },
    'the configuration has no ID maps, so its root is the root of the device: the definition says "privileged: true"',
    'remove that line: then lxc-kit gives the container a user namespace, and its files another owner',
  );
}
