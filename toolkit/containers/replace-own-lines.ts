import type { ConfigGroups } from './config-groups.ts';
import { findKeyOfAnyRelease } from './key-table.ts';
import type { ConfigLine } from './line-writer.ts';
import type { ProblemList } from './problem-list.ts';

/**
 * Takes out the lines lxc-kit added itself where a raw line says otherwise. Where the definition and a raw line both
 * set a key that counts only once, that is a problem: LXC would take the later one without a word, and whoever reads
 * the definition could not know which that is.
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
  // A family may be given for many files; each file counts once, but for the lists of device rules.
  if (key?.type === 'map') return !/\.devices\.(allow|deny)$/.test(name);
  return key?.repeated !== true;
}

function isNetworkKey(key: string): boolean {
  return /^lxc\.(net|network)\./.test(key);
}
