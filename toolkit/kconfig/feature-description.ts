import type { Diagnostic } from '../base/diagnostic.ts';

/**
 * Commands of a Yocto kernel feature description (kernel development manual, "Kernel Metadata Syntax"): it lists
 * fragments and patches, and has no symbols itself.
 */
const COMMAND =
  /^\s*(?:define\s+K\w+|kconf\s+(?:non-)?hardware\s+\S+|include\s+\S+|patch\s+\S+|branch\s+\S+|set\s+\w+|mark\s+\S+)/;
const FRAGMENT = /^\s*kconf\s+(?:non-)?hardware\s+(\S+)/;
const INCLUDE = /^\s*include\s+(\S+)/;

/** Returns the problem with a Yocto `.scc` used as a fragment or configuration, and the files to name instead. */
export function refuseFeatureDescription(text: string, shownAs: string): Diagnostic | undefined {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => COMMAND.test(line));
  const hasSymbols = lines.some((line) => /^(?:# )?CONFIG_\w+(?:=| is not set)/.test(line));
  if (!shownAs.endsWith('.scc') && (at === -1 || hasSymbols)) return undefined;
  const named = (pattern: RegExp): string[] => lines.flatMap((line) => pattern.exec(line)?.[1] ?? []);
  const sourceLine = lines[Math.max(at, 0)]?.trimEnd() ?? '';
  return {
    location: { file: shownAs, line: Math.max(at, 0) + 1, column: 1, length: sourceLine.length, sourceLine },
    message: 'this is a Yocto feature description (.scc): it lists fragments and has no symbols itself',
    help: filesToName(named(FRAGMENT), named(INCLUDE)),
  };
}

function filesToName(fragments: readonly string[], includes: readonly string[]): string {
  const shown = fragments.map((file) => `./${file}`).join(', ');
  const more = includes.map((file) => file.replace(/^.*\//, '')).join(', ');
  if (fragments.length > 0)
    return `name its fragments instead: ${shown}${more === '' ? '' : `, and those that ${more} lists`}`;
  return more === '' ? 'name .cfg files instead' : `name the .cfg files that ${more} lists`;
}
