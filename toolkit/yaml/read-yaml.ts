import { type Document, isMap, parseDocument, visit } from 'yaml';
import { DiagnosticsError } from '../base/diagnostic.ts';
import { explainYamlError, openingOf } from './explain-yaml-error.ts';
import { findUnusualNodes, type UnusualNode, type TextRange } from './find-unusual-nodes.ts';
import { locateRange } from './locate-range.ts';
import { readTextFile } from './read-text-file.ts';
import type { TextFile } from './text-file.ts';

/** A YAML file that holds one mapping. */
export interface YamlFile extends TextFile {
  readonly document: Document;
  readonly value: Readonly<Record<string, unknown>>;
}

/** More than people write by hand; aliases of aliases grow without limit ("billion laughs"). */
const MAX_ALIASES = 100;

/**
 * Reads a file that must hold one YAML mapping; `noun` names in messages what was expected.
 * Throws PROFILE_INVALID with the first YAML error: later ones are often only its consequences.
 */
export async function readYaml(file: string, shownFile: string, noun: string): Promise<YamlFile> {
  const source = await readTextFile(file, shownFile, noun);
  const refuse = (mistakes: readonly UnusualNode[]): never => {
    throw new DiagnosticsError(
      'PROFILE_INVALID',
      mistakes.map(({ range, ...rest }) => ({ location: locateRange(source, range[0], range[1]), ...rest })),
    );
  };
  const document = parseDocument(source.text, {
    prettyErrors: false,
    stringKeys: true,
    // `findUnusualNodes` looks for them: the library compares each key with every other, which takes minutes in a long mapping.
    uniqueKeys: false,
    // 0x80000000 stays a string; as a number it would reach a Kconfig file in decimal.
    customTags: (tags) =>
      tags.filter((tag) => typeof tag === 'string' || (tag.format !== 'HEX' && tag.format !== 'OCT')),
  });
  const error = document.errors[0] ?? document.warnings[0];
  if (error !== undefined) {
    const range = openingOf(document, error) ?? error.pos;
    return refuse([{ range, ...explainYamlError(error) }]);
  }
  const unusual = findUnusualNodes(document, (offset) => source.lines.linePos(offset).line);
  if (unusual.length > 0) return refuse(unusual);
  const value = toJs(document, refuse);
  // A file with nothing but comments holds null.
  if (value === null) {
    throw new DiagnosticsError('PROFILE_INVALID', [
      { message: `${shownFile} must be a ${noun}, but is empty` },
    ]);
  }
  if (!isMap(document.contents)) {
    const message = `a ${noun} must be a mapping of keys and values`;
    return refuse([{ range: document.contents?.range ?? [0, 1], message, help: 'write "key: value" lines' }]);
  }
  return { ...source, document, value: value as Record<string, unknown> };
}

function toJs(document: Document, refuse: (mistakes: UnusualNode[]) => never): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    const range = firstAlias(document);
    return refuse([
      { range, message: 'these aliases stand for too many values', help: 'write the values out' },
    ]);
  }
}

function firstAlias(document: Document): TextRange {
  let range: TextRange = [0, 1];
  visit(document, {
    Alias: (_key, alias) => {
      range = alias.range ?? range;
      return visit.BREAK;
    },
  });
  return range;
}
