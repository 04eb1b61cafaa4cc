import type { YamlPath } from './locate-issue.ts';

const MAX_SHOWN = 60;

/** A path as a person reads it: `kernel.fragments[1]`. */
export function describePath(path: YamlPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (!/^[\w-]+(\.[\w-]+)*$/.test(step)) text += `[${JSON.stringify(step)}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/**
 * Describes the value that was found, as the end of a sentence: `is the number 7`.
 * `written` is its text in the file: YAML reads 0600 as 600 and 6.10 as 6.1.
 */
export function describeValue(value: unknown, written = String(value)): string {
  switch (typeof value) {
    case 'string':
      return `is ${value === '' ? 'an empty string' : shorten(JSON.stringify(value))}`;
    case 'number':
      return `is the number ${written}`;
    case 'boolean':
      return `is ${value}`;
    default:
      if (value === null || value === undefined) return 'is empty';
      if (Array.isArray(value)) return value.length === 0 ? 'is an empty list' : 'is a list';
      return Object.keys(value).length === 0 ? 'is an empty mapping' : 'is a mapping';
  }
}

/** A value as it is written in YAML, in one line: `{ defconfig: malta_defconfig }`. */
export function writeValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeValue).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([key, inner]) => `${key}: ${writeValue(inner)}`)
      .join(', ')} }`;
  }
  // Quote what YAML would read as something other than a string, or would end early.
  return typeof value === 'string' && !/^(?!true$|false$|null$|~$)[A-Za-z/][\w./-]*$/.test(value)
    ? JSON.stringify(value)
    : String(value);
}

function shorten(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…"`;
}
