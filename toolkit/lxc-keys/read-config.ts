import type { Location } from '../base/diagnostic.ts';
import type { Findings } from './findings.ts';
import { parseConfigLine } from './parse-config-line.ts';

/** A file of a configuration. */
export interface ConfigText {
  /** Identifies the file, for example its absolute path. */
  readonly id: string;
  /** The path as the user would type it. */
  readonly shownFile: string;
  readonly text: string;
}

/** Finds the files of an `lxc.include`: one file, or all .conf files of a folder; a string says why there are none. */
export type Include = (path: string, from: ConfigText) => Promise<readonly ConfigText[] | string>;

/** A line of a configuration and its place. */
export interface SourceLine {
  readonly file: string;
  /** Counted from 1. */
  readonly number: number;
  /** Without its line end. */
  readonly text: string;
}

/** A line as LXC's parser reads it. */
export type ReadLine =
  { readonly kind: 'blank' | 'comment' | 'ignored'; readonly source: SourceLine } | ReadSetting;

export interface ReadSetting {
  readonly kind: 'setting';
  readonly source: SourceLine;
  readonly key: string;
  /** Without surrounding whitespace and quotes. */
  readonly value: string;
  /** The lines of an `lxc.include`; undefined when it could not be read. */
  readonly included?: readonly ReadLine[];
  /** Why it could not be read. */
  readonly unreadable?: string;
}

/** More than any real configuration has; files that include each other twice grow without limit. */
const MAX_FILES = 500;

/**
 * Reads a configuration and its includes as LXC does. A line that LXC refuses whatever its key is an error; a line that
 * LXC ignores is noted.
 */
export async function readConfig(
  file: ConfigText,
  include: Include,
  findings: Findings,
): Promise<readonly ReadLine[]> {
  let files = 0;

  async function read(from: ConfigText, above: readonly ConfigText[]): Promise<ReadLine[]> {
    files++;
    const lines: ReadLine[] = [];
    for (const source of linesOf(from, findings)) {
      const line = readLine(source, findings);
      if (line?.kind === 'setting' && line.key === 'lxc.include' && line.value !== '')
        lines.push({ ...line, ...(await readIncluded(line, [...above, from])) });
      else if (line !== undefined) lines.push(line);
    }
    return lines;
  }

  async function readIncluded(
    line: ReadSetting,
    chain: readonly ConfigText[],
  ): Promise<{ readonly included: ReadLine[] } | { readonly unreadable: string }> {
    const found = await include(line.value, chain.at(-1) ?? file);
    if (typeof found === 'string') return { unreadable: found };
    const included: ReadLine[] = [];
    for (const one of found) {
      const start = chain.findIndex(({ id }) => id === one.id);
      if (start !== -1) {
        const circle = [...chain.slice(start), one].map(({ shownFile }) => shownFile).join(' -> ');
        findings.error(
          placeOf(line.source, 'value'),
          `this include goes in a circle: ${circle}`,
          'remove it',
        );
      } else if (files >= MAX_FILES) {
        findings.error(
          placeOf(line.source, 'value'),
          `this is include number ${MAX_FILES + 1}; the limit is ${MAX_FILES}`,
          'put the settings into fewer files',
        );
        break;
      } else {
        included.push(...(await read(one, chain)));
      }
    }
    return { included };
  }

  return read(file, []);
}

/** Returns lines and the lines they include, in the order in which LXC reads them. */
export function withIncludes(lines: readonly ReadLine[]): ReadLine[] {
  return lines.flatMap((line) =>
    line.kind === 'setting' && line.included !== undefined ? withIncludes(line.included) : [line],
  );
}

/** Returns the place of a line, of its key or of its value. */
export function placeOf(
  { file, number, text }: SourceLine,
  part: 'line' | 'key' | 'value' = 'line',
): Location {
  const indent = text.length - text.trimStart().length;
  const separator = text.indexOf('=');
  const whole = { start: indent, end: text.trimEnd().length };
  const range =
    part === 'line' || separator === -1
      ? whole
      : part === 'key'
        ? { start: indent, end: text.slice(0, separator).trimEnd().length }
        : { start: separator + 1 + leadingBlanks(text.slice(separator + 1)), end: whole.end };
  return {
    file,
    line: number,
    column: range.start + 1,
    length: Math.max(1, range.end - range.start),
    sourceLine: text,
  };
}

function leadingBlanks(text: string): number {
  return text.length - text.trimStart().length;
}

function linesOf({ shownFile, text }: ConfigText, findings: Findings): SourceLine[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const first = lines.findIndex((line) => line.endsWith('\r'));
  const sources = lines.map((line, i) => ({
    file: shownFile,
    number: i + 1,
    text: line.replace(/\r$/, ''),
  }));
  const source = sources[first];
  if (source !== undefined) {
    const place = { file: shownFile, line: source.number, column: source.text.length + 1 };
    findings.note(
      'mended',
      place,
      'from here on, lines end with CR LF: LXC before 3.0.0 reads the carriage return as part of the value',
    );
  }
  return sources;
}

function readLine(source: SourceLine, findings: Findings): ReadLine | undefined {
  const parsed = parseConfigLine(source.text);
  switch (parsed.kind) {
    case 'blank':
    case 'comment':
      return { kind: parsed.kind, source };
    case 'ignored':
      findings.note(
        'left-out',
        placeOf(source),
        'LXC silently skips this line: it does not start with "lxc."',
        missedKey(source.text),
      );
      return { kind: 'ignored', source };
    case 'no-separator':
      findings.error(
        placeOf(source),
        'LXC refuses the whole configuration because this line has no "="',
        rightLine(source.text),
      );
      return undefined;
    case 'setting': {
      const { key, value } = parsed;
      if (/[:\s]/.test(key)) {
        const [name = ''] = key.split(/[:\s]/);
        findings.error(
          placeOf(source),
          `LXC reads the key of this line as "${key}": the key is everything before the first "="`,
          `write ${name} = ${source.text
            .trim()
            .slice(name.length)
            .replace(/^[:\s]+/, '')}`,
        );
        return undefined;
      }
      return { kind: 'setting', source, key, value };
    }
  }
}

/** Returns the intended line for `LXC.x = 1` and for a comment `lxc.x` without its #. */
function missedKey(text: string): string | undefined {
  const [, rest] = /^\s*lxc[._-](.*)$/i.exec(text) ?? [];
  return rest === undefined ? undefined : `write lxc.${rest}, or put a # before it`;
}

/** Returns the intended form of a line without "=", such as `key: value` or `key value`, with or without quotes. */
export function rightLine(text: string): string | undefined {
  const [, key, value] = /^\s*(lxc\.[\w.[\]-]+)\s*[:\s]\s*(.*?)\s*$/.exec(text) ?? [];
  if (key === undefined || value === undefined) return undefined;
  return `write ${key} = ${value.replace(/^(["'])(.*)\1$/, '$2')}`;
}
