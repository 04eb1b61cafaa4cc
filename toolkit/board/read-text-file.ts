import { readFile, stat } from 'node:fs/promises';
import { LineCounter } from 'yaml';
import { type Diagnostic, DiagnosticsError } from '../base/diagnostic.ts';
import { errorMessage, systemErrorCode } from '../base/errors.ts';
import { locateRange } from './locate-range.ts';
import { suggestFile } from './suggest-file.ts';

/** The text of a file that a person wrote. */
export interface TextFile {
  /** Absolute path. */
  readonly file: string;
  /** The path as the person would type it. */
  readonly shownFile: string;
  readonly text: string;
  /** Where its lines start. */
  readonly lines: LineCounter;
}

/** Profiles are a few kilobytes; whatever is longer is another kind of file, and would only be slow to refuse. */
const MAX_BYTES = 1 << 20;

/**
 * Reads a UTF-8 text; `noun` says in messages what it should have been: "board profile".
 * Throws PROFILE_INVALID when it is not there, not a file, too long or not text.
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
    return refuseAt(control, `a control character (U+${code}) stands here`);
  }
  if (!isUtf8(bytes)) return refuseAt(text.indexOf('\uFFFD'), 'the text is not UTF-8 from here on');
  return source;
}

async function readBytes(file: string, shownFile: string, noun: string): Promise<Buffer> {
  try {
    const found = await stat(file);
    if (found.isDirectory()) return refuse({ message: `${shownFile} must be a ${noun}, but is a folder` });
    // A named pipe would be waited for without end.
    if (!found.isFile())
      return refuse({ message: `${shownFile} must be a ${noun}, but is not a regular file` });
    if (found.size > MAX_BYTES) {
      const megabytes = (found.size / MAX_BYTES).toFixed(1);
      return refuse({
        message: `${shownFile} must be a ${noun}, but is ${megabytes} MB long; 1 MB is the limit`,
        help: 'take out what is not needed, or give the file that you meant',
      });
    }
    return await readFile(file);
  } catch (error) {
    if (error instanceof DiagnosticsError) throw error;
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
