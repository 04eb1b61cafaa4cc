import { didYouMean } from '../base/did-you-mean.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { otherCgroupFile } from '../cgroups/translate-cgroup.ts';
import { cgroupLayouts, type CgroupLayout } from '../cgroups/layouts.ts';
import { describeRange } from '../base/compare-versions.ts';
import { deviceRuleVersion, rulesForBoard } from './check-raw-devices.ts';
import { findKey, findKeyOfAnyRelease, keyTable, releaseHasKey } from '../lxc-keys/key-table.ts';
import type { ConfigLine, LineWriter } from '../lxc-keys/line-writer.ts';
import type { LxcKey } from '../lxc-keys/lxc-keys.ts';
import { parseConfigLine } from '../lxc-keys/parse-config-line.ts';
import type { ProblemList, PropertyPath } from '../lxc-keys/problem-list.ts';
import { completeAddress } from '../lxc-keys/prefix-length.ts';
import { rightLine } from '../lxc-keys/read-config.ts';

export interface RawContext {
  readonly lxcVersion: string;
  readonly cgroup: CgroupLayout;
  readonly writer: LineWriter;
  readonly problems: ProblemList;
  /** Whether settings that LXC ignores are only warnings, because the container is not one of the board. */
  readonly lenient?: boolean;
  /** Files of the board's cgroup version that the configuration sets too, as LXC's own files do. */
  readonly alsoSet?: ReadonlySet<string>;
}

/**
 * Reads the raw lines of a container as LXC's own parser does. Each key must exist in the LXC release; a line that LXC
 * would refuse or silently ignore is a problem.
 */
export function rawLines(
  { name, raw }: Pick<ContainerDefinition, 'name' | 'raw'>,
  context: RawContext,
): ConfigLine[] {
  const foreign = foreignRules(raw, context.cgroup);
  return raw.flatMap((text, i) => {
    const path = ['raw', i];
    const parsed = parseConfigLine(text);
    switch (parsed.kind) {
      case 'blank':
      case 'comment':
        return [];
      case 'ignored':
        ignoredProblem(
          context,
          path,
          `${name}: LXC ignores the line "${text}": it does not start with "lxc."`,
        );
        return [];
      case 'no-separator':
        context.problems.error(
          path,
          `${name}: LXC refuses the configuration because the line "${text}" has no "="`,
          rightLine(text),
        );
        return [];
      case 'setting': {
        const line = { key: parsed.key, value: parsed.value, path };
        if (deviceRuleVersion(line.key) === foreignVersion(context.cgroup)) {
          const { alsoSet = new Set<string>() } = context;
          if (alsoSet.has('devices.allow') || alsoSet.has('devices.deny')) return [];
          // Device rules are one list, so report one problem.
          if (foreign[0]?.path.join() === path.join())
            ignoredProblem(
              context,
              path,
              `${name}: ${ignoredMessage(line.key, context.cgroup)}`,
              rulesForBoard(foreign, context.cgroup),
            );
          return [];
        }
        return checkKey(name, line, path, context) ? [line] : [];
      }
    }
  });
}

function foreignVersion(cgroup: CgroupLayout): 'v1' | 'v2' {
  return cgroupLayouts[cgroup].version === 'v1' ? 'v2' : 'v1';
}

/** Returns the raw device rules of the cgroup version that the board does not have. */
function foreignRules(
  raw: readonly string[],
  cgroup: CgroupLayout,
): (ConfigLine & { readonly path: PropertyPath })[] {
  return raw.flatMap((text, i) => {
    const parsed = parseConfigLine(text);
    if (parsed.kind !== 'setting' || parsed.value === '') return [];
    if (deviceRuleVersion(parsed.key) !== foreignVersion(cgroup)) return [];
    return [{ key: parsed.key, value: parsed.value, path: ['raw', i] }];
  });
}

function ignoredMessage(key: string, cgroup: CgroupLayout): string {
  return `${key} is a setting of cgroup ${foreignVersion(cgroup)}, and LXC ignores it on this board's cgroup ${cgroupLayouts[cgroup].version}`;
}

function checkKey(container: string, line: ConfigLine, path: PropertyPath, context: RawContext): boolean {
  const { lxcVersion, writer, problems } = context;
  const key = findKey(line.key, lxcVersion);
  if (key === undefined) {
    const other = findKeyOfAnyRelease(line.key);
    if (other === undefined)
      problems.error(path, `${container}: LXC has no key ${line.key}`, similarKey(line.key, lxcVersion));
    else
      problems.error(
        path,
        `${container}: ${otherEra(line.key, other, lxcVersion)}`,
        replacement(line, other, lxcVersion),
      );
    return false;
  }
  const ignored = ignoredCgroupSetting(line, key, context);
  if (ignored !== undefined) ignoredProblem(context, path, `${container}: ${ignored.message}`, ignored.help);
  else {
    const completed = completeAddress(key, line.value);
    if (completed === undefined) writer.checkLine(line, path);
    else
      problems.warning(
        path,
        `${container}: ${line.key} = ${line.value} has no prefix length, and ${completed.taken}`,
        `write ${line.key} = ${completed.value}`,
      );
  }
  return true;
}

function ignoredProblem(
  { problems, lenient }: RawContext,
  path: PropertyPath,
  message: string,
  help?: string,
): void {
  if (lenient === true) problems.warning(path, message, help);
  else problems.error(path, message, help);
}

function otherEra(name: string, { since, until }: LxcKey, lxcVersion: string): string {
  const range = describeRange(until === undefined ? { since } : { since, until });
  return `LXC ${lxcVersion} does not have the key ${name}; ${range} ${until === undefined ? 'do' : 'did'}`;
}

function replacement({ key, value }: ConfigLine, row: LxcKey, lxcVersion: string): string | undefined {
  const { replacedBy } = row;
  const newer = replacedBy === undefined ? undefined : keyTable().find((other) => other.key === replacedBy);
  if (newer !== undefined && releaseHasKey(newer, lxcVersion)) {
    const index = /^lxc\.network\.(\d+)\./.exec(key)?.[1] ?? '0';
    const ending = row.key.includes('<') ? key.slice(row.key.indexOf('<')) : '';
    return `write ${newer.key.replace('[i]', index).replace(/<\w+>/, ending)} = ${value}`;
  }
  const older = keyTable().find((other) => other.replacedBy === row.key && releaseHasKey(other, lxcVersion));
  return older === undefined || /[<[]/.test(older.key) ? undefined : `write ${older.key} = ${value}`;
}

/** Finds settings of the cgroup version that is not mounted, which LXC skips with a warning in its log. */
function ignoredCgroupSetting(
  { key, value }: ConfigLine,
  row: LxcKey,
  { cgroup, alsoSet }: RawContext,
): { readonly message: string; readonly help?: string } | undefined {
  const families = { 'lxc.cgroup.<file>': 'v1', 'lxc.cgroup2.<file>': 'v2' };
  const { version } = cgroupLayouts[cgroup];
  const wanted = families[row.key as keyof typeof families] as string | undefined;
  if (wanted === undefined || wanted === version) return undefined;
  const file = key.slice(row.key.indexOf('<'));
  const other = otherCgroupFile(file);
  if (alsoSet?.has(other ?? file) === true) return undefined;
  const prefix = version === 'v2' ? 'lxc.cgroup2.' : 'lxc.cgroup.';
  return {
    message: ignoredMessage(key, cgroup),
    ...(other === undefined
      ? {}
      : {
          help: other === file ? `write ${prefix}${other} = ${value}` : `the same file is ${prefix}${other}`,
        }),
  };
}

function similarKey(name: string, lxcVersion: string): string | undefined {
  const known = keyTable().filter((key) => releaseHasKey(key, lxcVersion) && !key.key.includes('<'));
  const similar = didYouMean(
    name,
    known.map(({ key }) => key.replace('[i]', /^lxc\.net\.(\d+)\./.exec(name)?.[1] ?? '0')),
  );
  return similar === undefined ? undefined : `did you mean ${similar}?`;
}
