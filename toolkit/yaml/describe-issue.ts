import { joinWords } from '../base/join-words.ts';
import type { z } from 'zod';
import { didYouMean } from '../base/did-you-mean.ts';
import { chooseBranch } from './choose-union-branch.ts';
import { describePath, describeValue, writeValue } from './describe-value.ts';
import { findSchemas, knownKeys, notesOf } from './find-schemas.ts';
import type { YamlPath } from './locate-issue.ts';

/** A problem in a profile, before it has a place in a file. */
export interface Problem {
  /** The place that the message points at. */
  readonly path: YamlPath;
  readonly at: 'key' | 'value';
  readonly message: string;
  readonly help?: string;
  /** The missing key, if that is the problem. */
  readonly missingPath?: YamlPath;
  /** The key that was probably meant, if the problem is an unknown key. */
  readonly meantPath?: YamlPath;
}

/** A value, the schema it is checked against, and its name in messages. */
export interface Checked {
  readonly schema: z.core.$ZodType;
  readonly value: unknown;
  /** The name of the whole value in messages: "the profile". */
  readonly noun: string;
  /** Returns the number or word at a path as it is written in the file. */
  readonly writtenAt: (path: YamlPath) => string | undefined;
}

type Issue = z.core.$ZodIssue;

/** A file with more is no profile that a person wrote. */
export const MAX_PROBLEMS = 100;

/** Stands for those that are not listed. */
export function tooManyProblems({ noun }: Checked): Problem {
  return { path: [], at: 'key', message: `${noun} has more problems than these` };
}

/** Turns the issues that the schema found into sentences. */
export function describeIssues(checked: Checked, issues: readonly Issue[]): Problem[] {
  const problems: Problem[] = [];
  for (const issue of issues) {
    if (problems.length >= MAX_PROBLEMS) break;
    problems.push(...describeIssue(checked, issue, []));
  }
  if (problems.length >= MAX_PROBLEMS) {
    problems.push(tooManyProblems(checked));
  }
  // A misspelt key is reported once, not as missing too.
  const meant = new Set(
    problems.flatMap(({ meantPath }) => (meantPath === undefined ? [] : [describePath(meantPath)])),
  );
  return problems.filter(
    ({ missingPath }) => missingPath === undefined || !meant.has(describePath(missingPath)),
  );
}

/** Returns the predicate of a message for schemas without an `error` of their own. */
export function sayExpected(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${EXPECTED[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${orList(issue.values.map(String))}`;
    case 'too_small':
    case 'too_big':
      return sayLimit(issue);
    default:
      return `is wrong (${issue.code})`;
  }
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function sayLimit(issue: z.core.$ZodRawIssue<z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig>): string {
  if (issue.origin === 'array' || issue.origin === 'string') return 'must not be empty';
  return issue.code === 'too_small' ? `must be ${issue.minimum} or more` : `must be ${issue.maximum} or less`;
}

function orList(words: readonly string[]): string {
  return joinWords(words, 'or');
}

function describeIssue(checked: Checked, issue: Issue, base: YamlPath): Problem[] {
  const path = [...base, ...(issue.path as YamlPath)];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.slice(0, MAX_PROBLEMS).map((key) => unknownKey(checked, path, key));
  if (issue.code === 'invalid_key') return [wrongKey(path, issue.issues[0]?.message ?? issue.message)];
  const found = valueAt(checked.value, path);
  if (issue.code === 'invalid_union') {
    const branch = chooseBranch(issue, found);
    if (branch !== undefined) return branch.flatMap((inner) => describeIssue(checked, inner, path));
    const misspelt = unknownKeys(checked, path, found).filter(({ meantPath }) => meantPath !== undefined);
    if (misspelt.length > 0) return misspelt;
  }
  if (found === undefined && issue.code !== 'custom') return [missingKey(checked, path)];
  return [wrongValue(checked, path, issue, found)];
}

function unknownKeys(checked: Checked, path: YamlPath, found: unknown): Problem[] {
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return [];
  const known = knownKeys(checked.schema, path, checked.value);
  return Object.keys(found)
    .filter((key) => !known.includes(key))
    .map((key) => unknownKey(checked, path, key));
}

function unknownKey({ schema, value, noun }: Checked, path: YamlPath, key: string): Problem {
  const keys = knownKeys(schema, path, value);
  const near = didYouMean(key, keys);
  const subject = path.length === 0 ? noun : describePath(path);
  return {
    path: [...path, key],
    at: 'key',
    message: `${subject} has no key ${JSON.stringify(key)}`,
    help:
      near === undefined
        ? (elsewhere(schema, path, key) ?? `its keys are ${keys.join(', ')}`)
        : `did you mean "${near}"?`,
    ...(near === undefined ? {} : { meantPath: [...path, near] }),
  };
}

/** Returns a hint for a key that is written one level too high or too low. */
function elsewhere(schema: z.core.$ZodType, path: YamlPath, key: string): string | undefined {
  const inside = path.length === 0 ? knownKeys(schema, [], {}) : [];
  const owner = inside.find((outer) => knownKeys(schema, [outer], {}).includes(key));
  if (owner !== undefined) return `"${key}" is a key of ${owner}`;
  if (path.length === 1 && knownKeys(schema, [], {}).includes(key))
    return `"${key}" is a key of the top level: write it without indentation`;
  return undefined;
}

function wrongKey(path: YamlPath, error: string): Problem {
  const { sentence, help } = splitError(error);
  const message = `${describePath(path.slice(0, -1))} has the key ${JSON.stringify(path.at(-1))}, which ${sentence}`;
  return { path, at: 'key', message, ...help };
}

function missingKey({ schema, value }: Checked, path: YamlPath): Problem {
  const { description, example } = notesOf(schema, path, value);
  const key = String(path.at(-1));
  const add = description === undefined ? undefined : `add ${asNoun(description)}`;
  const shown =
    example === undefined ? '' : `, for example "${key}: ${writeValue(example).replaceAll('"', "'")}"`;
  return {
    path: path.slice(0, -1),
    at: 'key',
    message: `${describePath(path)} is missing`,
    ...(add === undefined ? {} : { help: `${add}${shown}` }),
    missingPath: path,
  };
}

function wrongValue(checked: Checked, path: YamlPath, issue: Issue, found: unknown): Problem {
  const { sentence, help } = splitError(issue.message);
  const addFound = sentence.startsWith('must be ') && found !== undefined;
  return {
    path,
    at: 'value',
    message: `${describePath(path)} ${sentence}${addFound ? `, but ${describeValue(found, checked.writtenAt(path))}` : ''}`,
    ...help,
    ...(help === undefined ? suggestValue(checked, path, issue, found) : {}),
  };
}

/** Suggests a similar value that the schema accepts, if there is one. */
function suggestValue(checked: Checked, path: YamlPath, issue: Issue, found: unknown): { help?: string } {
  const { schema, value } = checked;
  const accepts = (candidate: unknown): boolean =>
    findSchemas(schema, path, value).some((one) => (one as z.ZodType).safeParse(candidate).success);
  if (typeof found === 'string') {
    const words = allowedWords(issue);
    const near = didYouMean(found, words) ?? words.find((word) => found !== '' && word.startsWith(found));
    if (near !== undefined) return { help: `did you mean "${near}"?` };
    if (/^(yes|on)$/i.test(found) && accepts(true)) return { help: 'write true' };
    if (/^(no|off)$/i.test(found) && accepts(false)) return { help: 'write false' };
    if (found.trim() !== '' && accepts(Number(found)))
      return { help: `write it without quotes: ${Number(found)}` };
  }
  if (found === null) return { help: 'give it a value, or remove the line' };
  if ((typeof found === 'number' || typeof found === 'boolean') && issue.code !== 'invalid_union') {
    const text = checked.writtenAt(path) ?? String(found);
    if (accepts(text)) return { help: `put quotes around it: "${text}"` };
  }
  if (!Array.isArray(found) && accepts([found])) {
    return { help: `write it as a list: ${typeof found === 'object' ? '- …' : writeValue([found])}` };
  }
  return {};
}

function allowedWords(issue: Issue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code === 'invalid_union') {
    const options = 'options' in issue ? (issue.options ?? []) : [];
    return [...options.map(String), ...issue.errors.flat().flatMap(allowedWords)];
  }
  return [];
}

/** Splits a schema's `error`: the first line is a predicate, the second says what to write instead. */
function splitError(error: string): { sentence: string; help?: { help: string } } {
  const [sentence = '', help] = error.split('\n');
  return { sentence, ...(help === undefined ? {} : { help: { help } }) };
}

function asNoun(description: string): string {
  const [first = ''] = description.split(/[;.] /);
  return /^[A-Z][a-z]/.test(first) ? first.charAt(0).toLowerCase() + first.slice(1) : first;
}

function valueAt(value: unknown, path: YamlPath): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as Record<string | number, unknown>)[step];
  }
  return current;
}
