import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/**
 * The issues of that branch of a union that was meant, or undefined when that cannot be told.
 * Of several kinds of map, the one meant has most of the keys that were written.
 */
export function chooseBranch(
  union: z.core.$ZodIssueInvalidUnion,
  found: unknown,
): readonly Issue[] | undefined {
  // A branch that asks for another type was not meant: a list where a text stands.
  const branches = union.errors.filter(
    (issues) => !issues.some((issue) => atTop(issue) && issue.code === 'invalid_type'),
  );
  if (typeof found !== 'object' || found === null) {
    const [only, ...others] = branches;
    // One of several words is rarely all that a union allows; its own sentence names the rest.
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
  // Not one known key: a list of what there is helps more than the first branch's complaints.
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
