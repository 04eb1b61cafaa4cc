import type { ConfigGroups } from './write-groups.ts';
import { findKeyOfAnyRelease } from '../lxc-keys/key-table.ts';
import type { ConfigLine } from '../lxc-keys/line-writer.ts';
import type { ProblemList } from '../lxc-keys/problem-list.ts';

/**
 * Removes lines that lxc-kit added itself and that a raw line sets differently. It is a problem if both the definition
 * and a raw line set a key that counts once: LXC would silently use the later one, and the reader of the definition
 * could not know which one that is.
 */
export function replaceOwnLines(
  container: string,
  groups: ConfigGroups,
  raw: readonly ConfigLine[],
  problems: ProblemList,
): ConfigGroups {
  for (const line of raw) {
    const same = Object.values(groups)
      .flat()
      .find(({ key, path }) => key === line.key && path !== undefined && countsOnce(key));
    if (same === undefined) continue;
    problems.error(
      line.path ?? ['raw'],
      `${container}: ${line.key} is set twice, here and by ${(same.path ?? []).join('.')}`,
      'keep one of the two',
    );
  }
  const replaced = (line: ConfigLine): boolean =>
    line.path === undefined &&
    raw.some(({ key }) => key === line.key || (isNetworkKey(key) && isNetworkKey(line.key)));
  return Object.fromEntries(
    Object.entries(groups).map(([name, lines]) => [name, lines.filter((line) => !replaced(line))]),
  ) as unknown as ConfigGroups;
}

function countsOnce(name: string): boolean {
  const key = findKeyOfAnyRelease(name);
  // A family has many files; each file counts once, except the lists of device rules.
  if (key?.type === 'map') return !/\.devices\.(allow|deny)$/.test(name);
  return key?.repeated !== true;
}

function isNetworkKey(key: string): boolean {
  return /^lxc\.(net|network)\./.test(key);
}
