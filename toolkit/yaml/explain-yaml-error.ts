import { type Document, isCollection, isScalar, visit, type YAMLError } from 'yaml';
import type { TextRange } from './find-unusual-nodes.ts';

interface Explanation {
  readonly message: string;
  readonly help?: string;
}

/** Explains an error of the YAML parser without the terms of YAML's grammar. */
export function explainYamlError({ code, message }: YAMLError): Explanation {
  switch (code) {
    case 'TAB_AS_INDENT':
      return { message: 'this line is indented with a tab', help: 'indent with spaces; YAML allows no tabs' };
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        message: 'this line has a second ":"',
        help: 'put quotes around a value that contains ": "',
      };
    case 'MULTILINE_IMPLICIT_KEY':
      return {
        message: 'a ":" is missing after the key',
        help: 'write "key: value", with a space after the ":"',
      };
    case 'MULTIPLE_DOCS':
      return {
        message: 'a second document starts here',
        help: 'remove the line "---": a file holds one document',
      };
    case 'RESOURCE_EXHAUSTION':
      return { message: 'mappings and lists are nested too deeply here' };
    case 'BAD_SCALAR_START':
      return {
        message: `a value cannot start with "${message.slice(-1)}"`,
        help: 'put quotes around the value',
      };
    case 'TAG_RESOLVE_FAILED':
      return { message: 'this is a YAML tag; profiles have none', help: 'remove it' };
    case 'NON_STRING_KEY':
      return { message: 'a key must be a string' };
    case 'BAD_INDENT':
      return message.includes('same column')
        ? {
            message: 'this line is not indented like the others of its mapping or list',
            help: 'indent all of them with the same number of spaces',
          }
        : { message: 'this bracket is not closed', help: 'close it with "]" or "}"' };
    case 'MISSING_CHAR':
      if (message.includes('quote')) return { message: 'this quote is not closed', help: 'close it' };
      return { message: `this is not YAML: ${message}` };
    default:
      return { message: `this is not YAML: ${message}` };
  }
}

/**
 * Returns the place of the opening quote or bracket that an error is about.
 * The parser reports a missing end only where the next thing begins, or at the end of the file.
 */
export function openingOf(document: Document, { code, message, pos }: YAMLError): TextRange | undefined {
  const isQuote = code === 'MISSING_CHAR' && message.includes('quote');
  const isBracket = code === 'BAD_INDENT' && message.startsWith('Flow');
  let opening: TextRange | undefined;
  visit(document, (_key, node) => {
    const isOpened =
      (isQuote && isScalar(node) && node.type?.startsWith('QUOTE') === true) ||
      (isBracket && isCollection(node) && node.flow === true);
    const start = isOpened ? node.range?.[0] : undefined;
    if (start !== undefined && start < pos[0]) opening = [start, start + 1];
  });
  return opening;
}
