/**
 * Orders release numbers part by part: 1.1.5 < 2.0.11 < 2.1.0. Returns a negative number, 0 or a positive number.
 * Missing parts count as 0, and anything after the digits of a part (`-rc1`, `~git`) is ignored.
 *
 * For LXC this is the order of the numbers, not of time: 2.0.11 came out a year after 2.1.1.
 */
export function compareVersions(a: string, b: string): number {
  const left = numbersOf(a);
  const right = numbersOf(b);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Releases from `since` to `until`, both included; without `until`, all later ones. */
export interface VersionRange {
  readonly since?: string;
  readonly until?: string;
}

/** Whether a release is in a range. */
export function inVersionRange(version: string, { since, until }: VersionRange): boolean {
  if (since !== undefined && compareVersions(version, since) < 0) return false;
  return until === undefined || compareVersions(version, until) <= 0;
}

/** A range in words: "1.0.0 to 2.1.1", "3.0.0 and later". */
export function describeRange({ since, until }: VersionRange): string {
  if (since === undefined) return until === undefined ? 'every version' : `versions up to ${until}`;
  return until === undefined ? `${since} and later` : `${since} to ${until}`;
}

function numbersOf(version: string): number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10) || 0);
}
