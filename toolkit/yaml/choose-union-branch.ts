import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/**
 * Returns the issues of the union branch that the user meant, or undefined when that is unclear.
 * Among several kinds of mapping, it is the one that knows most of the written keys.
 */
export function chooseBranch(
  union: z.core.$ZodIssueInvalidUnion,
  found: unknown,
): readonly Issue[] | undefined {
  // A branch of another type was not meant, for example a list where a string is written.
  const branches = union.errors.filter(
    (issues) => !issues.some((issue) => atTop(issue) && issue.code === 'invalid_type'),
  );
  if (typeof found !== 'object' || found === null) {
    const [only, ...others] = branches;
    // The union usually allows more than these words; its own message names everything.
    return others.length > 0 || only?.[0]?.code === 'invalid_value' ? undefined : only;
  }
  const maps = branches.filter(
    (issues) => !issues.some((issue) => atTop(issue) && issue.code === 'invalid_value'),
  );
  if (Array.isArray(found)) return maps[0];
  const written = Object.keys(found).length;
  let best: { issues: readonly Issue[]; known: number } | undefined;
  for (const issues of maps) {
    const known = written - countUnknown(issues);
    if (
      best === undefined ||
      known > best.known ||
      (known === best.known && issues.length < best.issues.length)
    ) {
      best = { issues, known };
    }
  }
  // No key is known: the list of keys helps more than the first branch's complaints.
  if (best === undefined || (best.known === 0 && maps.length > 1)) return undefined;
  return best.issues;
}

function atTop(issue: Issue): boolean {
  return issue.path.length === 0;
}

function countUnknown(issues: readonly Issue[]): number {
  return issues.flatMap((issue) => (issue.code === 'unrecognized_keys' && atTop(issue) ? issue.keys : []))
    .length;
}
