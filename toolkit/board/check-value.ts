import type { z } from 'zod';
import type { Diagnostic, Location } from '../base/diagnostic.ts';
import { type Checked, describeIssues, type Problem, sayExpected } from './describe-issue.ts';
import { locateIssue, type YamlPath } from './locate-issue.ts';
import type { YamlFile } from './read-yaml.ts';

export type CheckResult<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Checks a value against a schema and says in sentences what is wrong with it. */
export function checkValue<Schema extends z.ZodType>(
  checked: Checked & { readonly schema: Schema },
): CheckResult<z.output<Schema>> {
  // Compiling a parser, as zod does by default, takes longer than the few parses of one run.
  const result = checked.schema.safeParse(checked.value, { error: sayExpected, jitless: true });
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, problems: describeIssues(checked, result.error.issues) };
}

/** Gives a problem its place. */
export function placeProblem({ message, help }: Problem, location: Location): Diagnostic {
  return { location, message, ...(help === undefined ? {} : { help }) };
}

/** How the value at a path stands in the file, as far as it is one line. */
export function writtenIn(yaml: YamlFile): (path: YamlPath) => string | undefined {
  return (path) => markedText(locateIssue(yaml, path, 'value'));
}

/** The text a location marks. */
export function markedText({ sourceLine, column, length }: Location): string | undefined {
  return sourceLine?.slice(column - 1, column - 1 + (length ?? 0));
}
