import type { SymbolLine } from './symbol-line.ts';
import { didYouMean } from '../base/did-you-mean.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { findCode } from './refuse-code.ts';

export interface ParsedConfig {
  readonly lines: readonly SymbolLine[];
  /** Lines that Kconfig would misread or drop, and values that would run as code on the build host. */
  readonly problems: readonly Diagnostic[];
  /** Lines that are valid but probably a mistake: a symbol that is requested twice. */
  readonly warnings: readonly Diagnostic[];
}

const ASSIGNMENT = /^(CONFIG_\w+)=(.*)$/;
const NOT_SET = /^# (CONFIG_\w+) is not set$/;
/** Values that Kconfig knows: tristate, int, hex, string (kernel Documentation/kbuild/kconfig-language.rst). */
const VALUE = /^(?:[ymn]|-?\d+|0[xX][\da-fA-F]+|"(?:[^"\\]|\\.)*")$/;

export interface ParseOptions {
  /**
   * The text is a whole configuration, not a fragment: it may contain what conf itself writes, and a comment that only
   * looks like "is not set" is a warning.
   */
  readonly whole?: boolean;
  /**
   * Nothing is configured with the text: values that only conf would ignore are kept, and values that a makefile would run
   * are ordinary texts.
   */
  readonly readOnly?: boolean;
}

/** Reads a fragment or .config, line by line; every line that Kconfig would misread or drop is a problem. */
export function parseConfig(
  text: string,
  file: string,
  { whole = false, readOnly = false }: ParseOptions = {},
): ParsedConfig {
  const lines: SymbolLine[] = [];
  const problems: Diagnostic[] = [];
  const comments: Diagnostic[] = [];
  const byConf = whole && WRITTEN_BY_CONF.test(text);
  if (text.includes('\0')) return { lines, problems: [describeNul(text, file)], warnings: [] };
  // A byte order mark or CR line ends come from editors on other systems and have no meaning here.
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const line = raw.replace(/\s+$/, '');
    const location = { file, line: index + 1, column: 1, length: line.length, sourceLine: line };
    const match = NOT_SET.exec(line) ?? ASSIGNMENT.exec(line);
    const symbol = match?.[1];
    if (symbol === undefined) {
      const problem = describeBadLine(line);
      if (problem !== undefined)
        (whole && line.startsWith('#') ? comments : problems).push({ location, ...problem });
      continue;
    }
    const value = whole ? asConfReads(match?.[2] ?? 'n') : (match?.[2] ?? 'n');
    if (value === '' && byConf) continue;
    if (VALUE.test(value) || (whole && BARE_HEX.test(value)) || (readOnly && isBareText(value)))
      lines.push({ symbol, value, location });
    else
      problems.push({
        location: { ...location, column: symbol.length + 2, length: value.length },
        ...describeBadValue(symbol, value),
      });
  }
  return {
    lines,
    problems: readOnly ? problems : [...problems, ...findCode(lines)],
    warnings: [...comments, ...findDuplicates(lines)],
  };
}

/** The first lines that conf writes; BusyBox's conf writes `CONFIG_X=` for a number without a value. */
const WRITTEN_BY_CONF = /^# (?:Automatically generated\b|Linux kernel version|Busybox version)/im;

/** conf reads a string up to the closing quote; a second one behind it does no harm. */
function asConfReads(value: string): string {
  return /^("(?:[^"\\]|\\.)*")"+$/.exec(value)?.[1] ?? value;
}

/** A symbol may be in two files: the later one overrides. Twice in one file is a slip, or left over from a merge. */
function findDuplicates(lines: readonly SymbolLine[]): Diagnostic[] {
  const last = new Map<string, SymbolLine>();
  return lines.flatMap((line) => {
    const earlier = last.get(line.symbol);
    last.set(line.symbol, line);
    if (earlier === undefined) return [];
    const { symbol, value, location } = line;
    const before = `line ${earlier.location.line}`;
    return {
      location,
      message:
        earlier.value === value
          ? `${symbol} is =${value} in ${before} already`
          : `${symbol} is =${earlier.value} in ${before} and =${value} here; the last one counts`,
      help: `remove ${before} or this one`,
    };
  });
}

/** Editors of other systems write UTF-16, in which every other byte of such a text is NUL. */
function describeNul(text: string, file: string): Diagnostic {
  const before = text.slice(0, text.indexOf('\0')).split('\n');
  const utf16 = text.replace(/^\uFFFD+/, '').length / 2 - text.split('\0').length < 2;
  return {
    location: { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 },
    message: utf16
      ? 'is not a text file as Kconfig reads them: it is UTF-16'
      : 'is not a text file: it holds NUL bytes',
    ...(utf16 ? { help: `save it as UTF-8: iconv -f UTF-16 -t UTF-8 ${file}` } : {}),
  };
}

function describeBadLine(line: string): { message: string; help: string } | undefined {
  if (line === '' || line.startsWith('#')) return misspeltNotSet(line);
  if (/^(<<<<<<<|\|\|\|\|\|\|\||=======|>>>>>>>)/.test(line)) {
    return {
      message: 'a merge conflict was left in the file',
      help: 'choose one side and remove the marker lines',
    };
  }
  if (/^\s+(?:#|CONFIG_\w+\s*=)/.test(line))
    return {
      message: 'the line is indented, so Kconfig would skip it',
      help: `write it from the first column: ${line.trim()}`,
    };
  const spaced = /^(CONFIG_\w+)\s*[=: ]\s*(\S+)$/.exec(line);
  if (spaced) {
    return {
      message: 'a symbol and its value are joined by "=" without blanks',
      help: `write ${spaced[1] ?? ''}=${spaced[2] ?? ''}`,
    };
  }
  const slip = misspeltPrefix(/^(\w+)=\S/.exec(line)?.[1]);
  if (slip !== undefined)
    return {
      message: 'a symbol starts with CONFIG_',
      help: `did you mean ${slip}${line.slice(line.indexOf('='))}?`,
    };
  const bare = /^([A-Z]\w*)=(\S+)$/.exec(line);
  if (bare) return { message: 'a symbol starts with CONFIG_', help: `write CONFIG_${line}` };
  return {
    message: 'is neither "CONFIG_NAME=value" nor "# CONFIG_NAME is not set" nor a comment',
    help: 'put a # before a comment',
  };
}

/** `# CONFIG_X is not set` has to match exactly; a comment that only looks like it would be skipped silently. */
function misspeltNotSet(line: string): { message: string; help: string } | undefined {
  const slip = misspeltPrefix(/^#\s*(\w+) is not set$/.exec(line)?.[1]);
  if (slip !== undefined)
    return { message: 'Kconfig takes this line for a comment', help: `did you mean # ${slip} is not set?` };
  const near = /^#\s*(CONFIG_\w+)\s+(?:is\s+)?not\s+set\b/i.exec(line);
  if (!near) return undefined;
  return {
    message: 'Kconfig takes this line for a comment',
    help: `write exactly: # ${near[1] ?? ''} is not set`,
  };
}

/** Returns the intended name for a misspelt prefix: `CNOFIG_X` is a slip for `CONFIG_X`, but CONFIGFS_X is not. */
function misspeltPrefix(name: string | undefined): string | undefined {
  const [, prefix = '', rest = ''] = /^([A-Za-z]+)_(\w+)$/.exec(name ?? '') ?? [];
  if (prefix === 'CONFIG' || Math.abs(prefix.length - 'CONFIG'.length) > 1) return undefined;
  return didYouMean(prefix, ['CONFIG'], 2) === undefined ? undefined : `CONFIG_${rest}`;
}

/** A hexadecimal number that Kconfig accepts too, but that could be a word. */
const BARE_HEX = /^(?=.*\d)[\da-fA-F]+$/;

/** Whether a value is a string without its quotes that cannot be meant as y, m or n. */
function isBareText(value: string): boolean {
  return /^[^\s"'#]+$/.test(value) && !SLIPS.some(([slip]) => slip.test(value));
}

/** Common spellings for y, m and n. */
const SLIPS: readonly (readonly [RegExp, string])[] = [
  [/^(?:y|yes|true|on)$/i, 'y'],
  [/^m$/i, 'm'],
  [/^(?:n|no|false|off)$/i, 'n'],
];

function describeBadValue(symbol: string, value: string): { message: string; help: string } {
  if (VALUE.test(value.trim()))
    return {
      message: 'a symbol and its value are joined by "=" without blanks',
      help: `write ${symbol}=${value.trim()}`,
    };
  const meant = SLIPS.find(([slip]) => slip.test(value))?.[1];
  if (meant !== undefined)
    return {
      message: `${symbol} is "${value}", which Kconfig does not accept`,
      help: `write ${symbol}=${meant}`,
    };
  if (value === '')
    return { message: `${symbol} has no value`, help: `write ${symbol}=y, or # ${symbol} is not set` };
  return {
    message: `${symbol} has the value ${value}, which is neither y, m, n nor a number nor a quoted string`,
    help: value.includes('#')
      ? 'put the comment on a line of its own'
      : BARE_HEX.test(value)
        ? `write a hexadecimal number with 0x: ${symbol}=0x${value}`
        : `put a string in quotes: ${symbol}="${value.trim().replaceAll(/["']/g, '')}"`,
  };
}
