import { compareVersions, type VersionRange } from '../base/compare-versions.ts';
import type { Findings } from '../lxc-keys/findings.ts';
import type { LxcKey, ValueType } from '../lxc-keys/lxc-keys.ts';
import { placeOf, type ReadSetting } from '../lxc-keys/read-config.ts';

/** The effect of a comment after a value; LXC allows comments only on their own lines. */
interface CommentEffect {
  readonly types: readonly ValueType[];
  readonly effect: string;
  /** The first release that refuses the line. */
  readonly refusedSince?: string;
}

// Tried with the parsers of 1.1.5 to 7.0.0.
const effects: readonly CommentEffect[] = [
  {
    types: ['bool', 'uint', 'int'],
    effect: 'LXC up to 2.0.5 ignores it, and later releases refuse the line',
    refusedSince: '2.0.6',
  },
  {
    types: ['idmap'],
    effect: 'LXC up to 2.0.8 ignores it, and later releases refuse the line',
    refusedSince: '2.0.9',
  },
  {
    types: ['enum', 'address', 'gateway', 'signal', 'mac', 'size', 'duration', 'limit', 'id-list'],
    effect: 'LXC refuses the line',
    refusedSince: '1.0.0',
  },
  { types: ['fstab'], effect: 'LXC ignores it after the six fields' },
  { types: ['string', 'path', 'ifname', 'options'], effect: 'LXC reads it as part of the value' },
];

/** A value without the comment behind it; undefined when there is none. An error where every release that reads this file refuses it. */
export function commentOf(
  row: LxcKey,
  line: ReadSetting,
  releases: VersionRange,
  findings: Findings,
): { readonly value: string; readonly comment: string } | undefined {
  // A # is normal in text for a shell or a program.
  if (row.type === 'command' || row.type === 'environment') return undefined;
  const [whole, before = '', comment = ''] = /^(.*?)\s+(#.*)$/.exec(line.value) ?? [];
  if (whole === undefined) return undefined;
  const { effect, refusedSince } = effectOn(row, line.key, before);
  const message = `"${comment}" is not a comment here: ${effect}`;
  const help = `write ${line.key} = ${before}, and the comment on its own line`;
  if (refusedSince !== undefined && compareVersions(releases.since ?? '0', refusedSince) >= 0)
    findings.error(commentPlace(line, comment), message, help);
  else findings.note('mended', commentPlace(line, comment), message, help);
  return { value: before, comment };
}

function effectOn(
  row: LxcKey,
  key: string,
  value: string,
): { readonly effect: string; readonly refusedSince?: string } {
  if (row.type === 'words') {
    if (row.key.startsWith('lxc.cap.'))
      return {
        effect: 'LXC reads its words as capabilities, and does not start the container or refuses the line',
        refusedSince: '4.0.11',
      };
    return row.values === undefined
      ? { effect: 'LXC reads its words as more of the list' }
      : { effect: 'LXC refuses the line', refusedSince: '1.0.0' };
  }
  if (row.type === 'map') {
    return /\.devices\.(?:allow|deny)$/.test(key) && /\s[rwm]{3}$/.test(value)
      ? { effect: 'LXC passes it to the kernel, which stops reading after three permission letters' }
      : { effect: 'LXC passes it to the kernel with the value, and the kernel refuses that at the start' };
  }
  return (
    effects.find(({ types }) => types.includes(row.type)) ?? {
      effect: 'LXC reads it as part of the value',
    }
  );
}

function commentPlace({ source }: ReadSetting, comment: string): ReturnType<typeof placeOf> {
  return { ...placeOf(source), column: source.text.lastIndexOf(comment) + 1, length: comment.length };
}
