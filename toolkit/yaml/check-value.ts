import type { z } from 'zod';
import type { Diagnostic, Location } from '../base/diagnostic.ts';
import {
  type Checked,
  describeIssues,
  MAX_PROBLEMS,
  type Problem,
  sayExpected,
  tooManyProblems,
} from './describe-issue.ts';
import { locateIssue, type YamlPath } from './locate-issue.ts';
import type { YamlFile } from './read-yaml.ts';

export type CheckResult<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Checks a value against a schema and says in sentences what is wrong with it. */
export function checkValue<Schema extends z.ZodType>(
  checked: Checked & { readonly schema: Schema },
): CheckResult<z.output<Schema>> {
  let result;
  try {
    result = parse(checked.schema, checked.value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // zod hands the issues of a list on as arguments, and the stack holds about 100,000.
    const value = firstEntries(checked.value);
    const { error: found } = parse(checked.schema, value);
    const problems = describeIssues({ ...checked, value }, found?.issues ?? []).slice(0, MAX_PROBLEMS);
    return { ok: false, problems: [...problems, tooManyProblems(checked)] };
  }
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, problems: describeIssues(checked, result.error.issues) };
}

function parse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.ZodSafeParseResult<z.output<Schema>> {
  // Compiling a parser, as zod does by default, takes longer than the few parses of one run.
  return schema.safeParse(value, { error: sayExpected, jitless: true });
}

/** More than the problems that are listed, and few enough for the stack. */
const FIRST_ENTRIES = 1000;

/** The value with only the first entries of each list and mapping. */
function firstEntries(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, FIRST_ENTRIES).map(firstEntries);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, FIRST_ENTRIES)
      .map(([key, one]) => [key, firstEntries(one)]),
  );
}

/** Gives a problem its place. */
export function placeProblem({ message, help }: Problem, location: Location): Diagnostic {
  return { location, message, ...(help === undefined ? {} : { help }) };
}

/** Returns the value at a path as it is written in the file; of several lines only the first. */
export function writtenIn(yaml: YamlFile): (path: YamlPath) => string | undefined {
  return (path) => markedText(locateIssue(yaml, path, 'value'));
}

/** The text a location marks. */
export function markedText({ sourceLine, column, length }: Location): string | undefined {
  return sourceLine?.slice(column - 1, column - 1 + (length ?? 0));
}
