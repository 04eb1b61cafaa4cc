import { posix } from 'node:path';
import { z } from 'zod';
import { codeInValue } from '../base/config-code.ts';
import { withConfigPrefix } from '../base/config-symbol.ts';
import { evenWithMistakes } from './refuse-twice.ts';

/*
 * Every `error` of a schema continues a sentence that starts with the key: "must be …".
 * `describe-issue.ts` adds the value that was found; a second line becomes the help.
 */

export type ErrorText = string | ((issue: { readonly input?: unknown }) => string);

/** A string that must match `pattern`; `error` says what it must be. */
export function textLike(pattern: RegExp, error: ErrorText): z.ZodString {
  return z.string({ error }).regex(pattern, { error });
}

/** A string as one branch of a union; without `abort` zod would choose this branch for any string. */
export function oneOfTexts(pattern: RegExp): z.ZodString {
  return z.string().regex(pattern, { abort: true });
}

const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;

/** The name of a board or container, which is also used for folders and files. */
export const plainName = textLike(PLAIN_NAME, ({ input }) => {
  const sentence = 'must be at most 64 letters, digits, "_", "." and "-", the first not "." or "-"';
  const near = String(input)
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 64);
  return typeof input === 'string' && PLAIN_NAME.test(near) ? `${sentence}\nfor example ${near}` : sentence;
});

/** A host name; 64 characters is the kernel's limit (__NEW_UTS_LEN). */
export const hostName = textLike(
  /^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?$/,
  'must be a host name of letters, digits, "-" and "." (64 characters at most)',
);

/** One line without control characters: in configuration files of LXC and the kernel, a value ends with the line. */
export const oneLine = textLike(/^\P{Cc}+$/u, 'must be a line of text');

/** A string without whitespace. */
export const oneWord = textLike(/^[^\s\p{Cc}]+$/u, 'must be a string without spaces');

export const ABSOLUTE_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[^/\s\p{Cc}]+)+$/u;

/** A path on the device, below `/`. No spaces: they separate the fields of LXC's mount entries. */
export const absolutePath = pathLike(ABSOLUTE_PATH);

/** A path on the device; `/` is allowed. */
export const absolutePathOrRoot = pathLike(new RegExp(`^/$|${ABSOLUTE_PATH.source}`, 'u'));

/** A path on the device that makefiles and scripts of the source put into commands unquoted. */
export const buildPath = textLike(
  /^(?:\/(?!\.{1,2}(?:\/|$))[\p{L}\p{N}_.+~@=,-]+)+$/u,
  'must be an absolute path of letters, digits and "_ . + - ~ @ = ,", which makefiles and scripts can use unquoted',
);

function pathLike(pattern: RegExp): z.ZodString {
  return textLike(pattern, ({ input }) => {
    const sentence = 'must be an absolute path without spaces, "." or ".."';
    if (typeof input !== 'string') return sentence;
    const wanted = posix.normalize(`/${input}`).replace(/\/$/, '');
    return pattern.test(wanted) ? `${sentence}\nwrite ${wanted}` : sentence;
  });
}

/** A path on the host, relative to the file that names it. */
export const hostPath = textLike(/^\P{Cc}+$/u, 'must be the path of a file or folder');

/** The name of something that lxc-kit or the source tree ships, or a file, which has a `/` or ends in `.config`. */
export function nameOrFile(what: string): z.ZodString {
  return textLike(/^[A-Za-z]\w*(?:[.-]\w+)*$|^\P{Cc}*(?:\/|\.config$)\P{Cc}*$/u, what);
}

/** Whether a string accepted by `nameOrFile` is a file. */
export function isFileName(text: string): boolean {
  return text.includes('/') || text.endsWith('.config');
}

/** A size such as `example`; the help turns `32 MB` and the like into it. */
export function sizeText(pattern: RegExp, example: string): z.ZodString {
  return textLike(pattern, ({ input }) => {
    const [, digits = '', unit = example.slice(-1)] = /^([0-9]+) *([kmg])?i?b?$/i.exec(String(input)) ?? [];
    const wanted = `${digits}${unit.toUpperCase()}`;
    return `must be a size such as ${example}${pattern.test(wanted) ? `\nwrite ${wanted}` : ''}`;
  });
}

/** An amount of memory for a cgroup limit: with K, M or G, or a count of bytes. */
export const memorySize = z
  .union([sizeText(/^[1-9][0-9]*[KMG]?$/, '32M'), z.int().min(1)], { error: 'must be a size such as 32M' })
  .transform(String);

/** A user or group number. */
export const idNumber = z.int().min(0).max(4_294_967_294);

const SYMBOL_ERROR = 'must be a Kconfig symbol such as CONFIG_VETH';

/** A Kconfig symbol, with `CONFIG_` or without; always with it once parsed. */
export const kconfigSymbol = textLike(/^[A-Za-z0-9_]+$/, SYMBOL_ERROR).transform(withConfigPrefix);

const VALUE_ERROR = 'must be y, m, n, a string or a whole number';

/** In YAML 1.2 `yes` is a string, and Kconfig silently ignores it as a value. */
const symbolText = textLike(/^(?!(?:yes|no|on|off)$)\P{Cc}*$/iu, ({ input }) =>
  /^(?:yes|on)$/i.test(String(input)) ? `${VALUE_ERROR}\nwrite y` : `${VALUE_ERROR}\nwrite n`,
);

/** Values of Kconfig symbols. YAML's `true` and `false` mean y and n; `0x…` stays a string. */
export const kconfigValues = z
  .record(
    textLike(/^[A-Za-z0-9_]+$/, SYMBOL_ERROR),
    z.union([symbolText, z.int(), z.boolean()], { error: VALUE_ERROR }),
  )
  .superRefine(refuseCode, evenWithMistakes)
  .transform((written) => {
    const values: Record<string, string | number> = {};
    for (const [symbol, value] of Object.entries(written)) {
      values[withConfigPrefix(symbol)] = typeof value === 'boolean' ? (value ? 'y' : 'n') : value;
    }
    return values;
  });

/** Like a line of a fragment, a string of `config:` reaches the kernel's makefiles. */
function refuseCode(written: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  for (const [symbol, value] of Object.entries(written)) {
    const found = typeof value === 'string' ? codeInValue(withConfigPrefix(symbol), value) : undefined;
    if (found === undefined) continue;
    const message = `must be without ${found.code}, which would run on this machine: ${found.because}`;
    context.addIssue({ code: 'custom', path: [symbol], message, input: value });
  }
}
