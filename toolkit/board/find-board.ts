import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { didYouMean } from '../base/did-you-mean.ts';
import { KitError } from '../base/errors.ts';
import { MAX_TEXT_BYTES, readUserFile } from '../host/read-user-file.ts';
import { suggestFile } from '../yaml/suggest-file.ts';

export interface BoardFolders {
  readonly cwd: string;
  /** The folder of the boards that lxc-kit ships. */
  readonly shippedBoardsDir: string;
}

/** A board that `--board NAME` finds. */
export interface BoardListing {
  readonly name: string;
  /** Empty when the profile has none or cannot be read. */
  readonly description: string;
  /** Absolute. */
  readonly file: string;
}

/**
 * Returns the profile that `--board` names: a file if the name ends in .yaml, otherwise `boards/NAME.yaml`
 * in the current folder or in lxc-kit, in this order. Throws BOARD_UNKNOWN.
 */
export async function findBoard(nameOrFile: string, folders: BoardFolders): Promise<string> {
  if (/\.ya?ml$/.test(nameOrFile)) {
    const file = resolve(folders.cwd, nameOrFile);
    // A folder or a FIFO is refused when it is read, with a message that says what it is.
    if ((await statOf(file)) !== undefined) return file;
    const { help } = await suggestFile(file, nameOrFile, 'file');
    throw new KitError(
      'BOARD_UNKNOWN',
      `the file ${nameOrFile} does not exist`,
      help === undefined ? {} : { hint: help },
    );
  }
  if (!nameOrFile.includes('/')) {
    for (const folder of boardFolders(folders)) {
      const file = join(folder, `${nameOrFile}.yaml`);
      if (await exists(file)) return file;
    }
  }
  const names = (await listBoards(folders)).map(({ name }) => name);
  const near = didYouMean(nameOrFile, names);
  throw new KitError('BOARD_UNKNOWN', `there is no board "${nameOrFile}"`, {
    hint:
      near === undefined
        ? 'run: npx lxc-kit boards (the path of a profile ends in .yaml)'
        : `did you mean "${near}"?`,
    lines: [`boards: ${names.join(', ')}`],
  });
}

/** Lists board profiles by name, sorted; one in the current folder hides the shipped one of the same name. */
export async function listBoards(folders: BoardFolders): Promise<BoardListing[]> {
  const found = new Map<string, BoardListing>();
  for (const folder of boardFolders(folders)) {
    for (const entry of await readdir(folder).catch(() => [])) {
      const name = /^([^.].*)\.yaml$/.exec(entry)?.[1];
      if (name === undefined || found.has(name)) continue;
      const file = join(folder, entry);
      const description = (await exists(file)) ? await describe(file) : undefined;
      if (description !== undefined) found.set(name, { name, description, file });
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function boardFolders({ cwd, shippedBoardsDir }: BoardFolders): string[] {
  return [join(cwd, 'boards'), shippedBoardsDir];
}

async function exists(file: string): Promise<boolean> {
  return (await statOf(file))?.isFile() === true;
}

async function statOf(file: string): Promise<Stats | undefined> {
  return stat(file).catch(() => undefined);
}

/** A YAML file with one of these keys is a board profile; a container definition has none of them. */
const PROFILE_KEYS = ['schema', 'extends', 'kernel'];

/**
 * Returns the description of a profile, empty if it has none, or undefined for another YAML file, such as a container
 * definition. A profile with mistakes is listed too; they are reported when it is used.
 */
async function describe(file: string): Promise<string | undefined> {
  let text = '';
  try {
    text = readUserFile(file, MAX_TEXT_BYTES.profile).toString('utf8');
  } catch {
    // List it without a description.
  }
  const plain = plainDescription(text);
  if (plain !== undefined) return plain;
  const { isMap, parseDocument } = await import('yaml');
  const { contents, errors } = parseDocument(text);
  if (!isMap(contents)) return '';
  if (errors.length === 0 && !PROFILE_KEYS.some((key) => contents.has(key))) return undefined;
  const description = contents.get('description');
  return typeof description === 'string' ? description : '';
}

/**
 * Returns the description of a profile if it is one line of plain words, as in nearly all; undefined if the file needs a
 * YAML parser. Loading the parser takes longer than all other work of listing boards.
 */
function plainDescription(text: string): string | undefined {
  const lines = text.split(/\r?\n/).filter((line) => !/^\s*(?:#|$)/.test(line));
  // In a block mapping every line without indentation begins a key of the top level.
  const top = lines.filter((line) => !/^\s/.test(line));
  if (/^\s/.test(lines[0] ?? '') || !top.every((line) => /^[\w-]+:(?: |$)|^- /.test(line))) return undefined;
  if (!top.some((line) => PROFILE_KEYS.includes(line.replace(/:.*/, '')))) return undefined;
  const at = lines.findIndex((line) => line.startsWith('description:'));
  // A continuation would be indented. Two words cannot be a number, a date, true or null.
  if (at === -1 || /^\s/.test(lines[at + 1] ?? '')) return undefined;
  return /^description: +([A-Za-z][\w.,()/+-]*(?: [\w.,()/+-]+)+) *$/.exec(lines[at] ?? '')?.[1];
}
