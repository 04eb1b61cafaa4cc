/** The ways in which the conf of one tree differs from that of another. */
export interface ConfDialect {
  /**
   * `last`: the last visible member of a choice with a request for y is taken, else the choice's default; a member
   * that depends on the one before it is shown below that one and does not count as a member.
   * `ranked`: an explicit n counts too, and every symbol in a choice is a member.
   */
  readonly choices: 'last' | 'ranked';
  /**
   * `whole`: a default counts even when its value is n, so that "is not set" is written for it, and every member of
   * a visible choice is written. `set`: only symbols that are visible or not n are written. `all`: every symbol.
   */
  readonly writes: 'set' | 'whole' | 'all';
  /** The value of an int or hex without a default. */
  readonly numbers: 'empty' | 'zero';
}

/** The tree that a conf comes from, and the first version with this behaviour. Newest first. */
interface DialectRow {
  readonly component: 'kernel' | 'busybox';
  /** The first version, as numbers; empty in the oldest row. */
  readonly since: readonly number[];
  readonly dialect: ConfDialect;
  readonly reason: string;
}

/** The one place to add the differences of a new conf. */
const DIALECTS: readonly DialectRow[] = [
  {
    component: 'kernel',
    since: [6, 11],
    dialect: { choices: 'ranked', writes: 'set', numbers: 'zero' },
    reason:
      'sym_calc_choice goes through the members by priority, and numbers start as 0; true in 6.12 and 7.1, not in 6.1',
  },
  {
    component: 'kernel',
    since: [4, 0],
    dialect: { choices: 'last', writes: 'set', numbers: 'empty' },
    reason: 'sym_calc_value of 5.10 and 6.1; older ones of this series were not checked',
  },
  {
    component: 'kernel',
    since: [0],
    dialect: { choices: 'last', writes: 'whole', numbers: 'empty' },
    reason: 'sym_calc_value of BusyBox, whose scripts/kconfig was taken from a Linux 2.6 tree',
  },
  {
    component: 'busybox',
    since: [0],
    dialect: { choices: 'last', writes: 'all', numbers: 'empty' },
    reason: 'conf_write of BusyBox 1.37.0: "bbox: we want to see all syms"',
  },
];

/** Returns how the conf of a tree behaves; without a version, as the newest one. */
export function dialectOf(component: 'kernel' | 'busybox', version: string | undefined): ConfDialect {
  const numbers = version?.match(/\d+/g)?.map(Number) ?? [Infinity];
  const row = DIALECTS.find((one) => one.component === component && isAtLeast(numbers, one.since));
  if (row === undefined) throw new Error(`no conf dialect for ${component} ${version ?? ''}`);
  return row.dialect;
}

function isAtLeast(version: readonly number[], since: readonly number[]): boolean {
  for (const [index, wanted] of since.entries()) {
    const part = version[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
