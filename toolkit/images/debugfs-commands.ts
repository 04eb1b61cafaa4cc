import { KitError } from '../base/errors.ts';
import type { FileEntry, RootfsEntry, RootfsManifest } from '../rootfs/manifest.ts';
import { lastName, parentPath } from './check-manifest.ts';
import { fileTypeBits } from './file-type-bits.ts';

/** The work of one debugfs run. */
export interface DebugfsBatch {
  readonly commands: string;
  /** Files whose bytes must be in the slots 0, 1, 2 … before it starts. */
  readonly slots: readonly FileEntry[];
}

/** How many small files are written at once. */
const SLOTS = 2048;

/**
 * Yields the commands with which debugfs(8) puts every entry of a manifest into an empty file system, in the
 * manifest's order. debugfs reads a file's bytes only from a separate file. Small files have none, so they get a slot,
 * which `slotFile` names. Each batch uses the same slots again, because creating tens of thousands of files takes
 * minutes on some file systems. Throws STEP_FAILED for a name that cannot be written in a command.
 */
export function* debugfsBatches(
  manifest: RootfsManifest,
  slotFile: (slot: number) => string,
): Generator<DebugfsBatch, void, undefined> {
  // mke2fs records whether `char` is signed on its host; set this to 1 (signed), so that every host makes the same image.
  let commands = [['set_super_value', 'flags', '1']];
  let slots: FileEntry[] = [];
  let directory = '/';
  for (const entry of manifest.entries) {
    if (slots.length === SLOTS) {
      yield { commands: commands.map(commandText).join(''), slots };
      [commands, slots, directory] = [[], [], '/'];
    }
    refuseLineBreak(entry.path);
    const parent = parentPath(entry.path);
    // `write` and `mknod` only create names in the current directory.
    if (parent !== directory) commands.push(['cd', wayTo(parent, directory)]);
    directory = parent;
    let source = '';
    if (entry.type === 'file') {
      source = entry.offset === undefined ? entry.source : slotFile(slots.length);
      if (entry.offset !== undefined) slots.push(entry);
    }
    commands.push(...createCommands(entry, source), ...attributeCommands(entry));
  }
  yield { commands: commands.map(commandText).join(''), slots };
}

/** Returns the path from debugfs's current folder to another; a folder directly below it is named without its parents. */
function wayTo(dir: string, from: string): string {
  return parentPath(dir) === from && dir !== '/' ? `./${lastName(dir)}` : dir;
}

function createCommands(entry: RootfsEntry, source: string): string[][] {
  const name = lastName(entry.path);
  switch (entry.type) {
    case 'dir':
      // These two exist from the start.
      return entry.path === '/' || entry.path === '/lost+found' ? [] : [['mkdir', `./${name}`]];
    case 'file':
      return [['write', source, name]];
    case 'symlink':
      return [['symlink', name, entry.target]];
    case 'char':
      return [['mknod', name, 'c', String(entry.major), String(entry.minor)]];
    case 'block':
      return [['mknod', name, 'b', String(entry.major), String(entry.minor)]];
    case 'fifo':
      return [['mknod', name, 'p']];
  }
}

/** Sets mode and owner: a new entry has the host's mode, or none, and belongs to root. Its times come from the environment. */
function attributeCommands(entry: RootfsEntry): string[][] {
  // A relative path, because debugfs walks a path from its start for each command. `<12>` alone would be an inode number.
  const place = entry.path === '/' ? '/' : `./${lastName(entry.path)}`;
  const set = (field: string, value: string): string[] => ['set_inode_field', place, field, value];
  return [
    set('mode', `0${(fileTypeBits[entry.type] | entry.mode).toString(8)}`),
    ...(entry.uid === 0 ? [] : [set('uid', String(entry.uid))]),
    ...(entry.gid === 0 ? [] : [set('gid', String(entry.gid))]),
  ];
}

/** A line break ends a command. */
function refuseLineBreak(text: string): void {
  if (!/[\r\n]/.test(text)) return;
  throw new KitError(
    'STEP_FAILED',
    `${JSON.stringify(text)} cannot be in an ext4 image: debugfs takes no line break in a name`,
    { hint: 'rename it, or take ext4 out of the profile’s images' },
  );
}

function commandText(words: readonly string[]): string {
  words.forEach(refuseLineBreak);
  return `${words.map(quoted).join(' ')}\n`;
}

/** Inside quotes every character stands for itself, except the quote, which is doubled. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `"${word.replaceAll('"', '""')}"`;
}
