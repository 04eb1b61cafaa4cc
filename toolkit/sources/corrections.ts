import { inVersionRange, type VersionRange } from '../base/compare-versions.ts';

/** The components whose sources are corrected; LXC has its own table, `lxc/quirks.ts`. */
export type CorrectedComponent = 'busybox' | 'libcap' | 'libseccomp';

/** A bug of some releases that is corrected in their sources before they are compiled. */
export interface Correction extends VersionRange {
  readonly component: CorrectedComponent;
  /** The file in the source. */
  readonly file: string;
  /** The text with the bug, whole lines if possible. */
  readonly from: string;
  /** The corrected text. A source that has it already stays as it is. */
  readonly to: string;
  /** The effect of the bug: a sentence without a full stop. */
  readonly reason: string;
  /** The address of upstream's report or change. */
  readonly upstream: string;
}

/** The corrections, each for the releases with the bug. To add one, add a row. */
export const corrections: readonly Correction[] = [
  {
    component: 'busybox',
    // 1.37.0 moved the options into a function of its own: that one sets the bit of -L in option_mask32, but main()
    // looks for it in the words of the command line.
    since: '1.37.0',
    until: '1.37.0',
    file: 'sysklogd/syslogd.c',
    from: '\t\tif (!ENABLE_FEATURE_REMOTE_LOG || (opts & OPT_locallog)) {\n',
    // As in https://lists.busybox.net/pipermail/busybox/2024-October/090969.html, which distributions apply.
    to: '\t\tif (!ENABLE_FEATURE_REMOTE_LOG || (option_mask32 & OPT_locallog)) {\n',
    reason: 'syslogd without -L records nothing but its own start',
    upstream: 'https://github.com/mirror/busybox/issues/115',
  },
];

/** Returns the corrections for a release; all of the component while the release is not known. */
export function correctionsFor(
  component: string,
  version: string | undefined,
  rows: readonly Correction[] = corrections,
): Correction[] {
  return rows.filter(
    (row) => row.component === component && (version === undefined || inVersionRange(version, row)),
  );
}
