import type { TextFile } from './text-file.ts';
import { LineCounter } from 'yaml';
import { type Diagnostic, DiagnosticsError } from '../base/diagnostic.ts';
import { errorMessage, systemErrorCode } from '../base/errors.ts';
import { MAX_TEXT_BYTES, readUserFile, RefusedFile } from '../host/read-user-file.ts';
import { locateRange } from './locate-range.ts';
import { suggestFile } from './suggest-file.ts';

/**
 * Reads a UTF-8 text; `noun` names in messages what was expected: "board profile".
 * Throws PROFILE_INVALID when it does not exist, is not a file, is too long or is not text.
 */
export async function readTextFile(file: string, shownFile: string, noun: string): Promise<TextFile> {
  const bytes = await readBytes(file, shownFile, noun);
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  const source: TextFile = { file, shownFile, text, lines: countLines(text) };
  const refuseAt = (offset: number, message: string): never =>
    refuse({
      location: locateRange(source, offset, offset + 1),
      message,
      help: 'save the file as plain text in UTF-8',
    });
  const control = text.search(/(?![\t\n\r])\p{Cc}/u);
  if (control !== -1) {
    const code = (text.codePointAt(control) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return refuseAt(control, `this is a control character (U+${code})`);
  }
  if (!isUtf8(bytes)) return refuseAt(text.indexOf('\uFFFD'), 'from here on, the text is not UTF-8');
  return source;
}

async function readBytes(file: string, shownFile: string, noun: string): Promise<Buffer> {
  try {
    return readUserFile(file, MAX_TEXT_BYTES.profile);
  } catch (error) {
    if (error instanceof RefusedFile) {
      return refuse({
        message: `${shownFile} must be a ${noun}, but ${error.message}`,
        help: 'name the file that you meant',
      });
    }
    switch (systemErrorCode(error)) {
      case undefined:
        throw error;
      case 'ENOENT':
      case 'ENOTDIR':
        return refuse({
          message: `${shownFile} does not exist`,
          ...(await suggestFile(file, shownFile, 'file')),
        });
      case 'EACCES':
        return refuse({
          message: `${shownFile} cannot be read: permission denied`,
          help: `run: chmod +r ${shownFile}`,
        });
      default:
        return refuse({ message: `${shownFile} cannot be read: ${errorMessage(error)}` });
    }
  }
}

function refuse(diagnostic: Diagnostic): never {
  throw new DiagnosticsError('PROFILE_INVALID', [diagnostic]);
}

function countLines(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (const { index } of text.matchAll(/\n/g)) lines.addNewLine(index + 1);
  return lines;
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
