/** Directories that are there on every device, and whose mention says nothing of what lies in them. */
const TOP_DIRECTORIES = ['run', 'tmp', 'var', 'lock', 'shm'];

/** The shortest name that is looked for alone; shorter ones stand in any text. */
const MIN_NAME_LENGTH = 3;

/**
 * Whether a script or a table of the device may make a path that is there only on the running device: it names the path,
 * a directory above it, or a daemon that is called like one of them. What no text names is made by none.
 */
export function mentionsPath(text: string, path: string): boolean {
  if (text.includes(path)) return true;
  return path.startsWith('/dev/') ? mentionsNode(text, path) : mentionsRunTimePath(text, path);
}

/** `i2c-3` is found in a loop that makes i2c-$n. */
function mentionsNode(text: string, path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const stem = name.replace(/\d+$/, '');
  return hasWord(text, stem, stem === name);
}

/** The file's own name counts only where no directory of its own is around it: `sock` is the name of many. */
function mentionsRunTimePath(text: string, path: string): boolean {
  const parts = path.split('/').filter((part) => part !== '' && !TOP_DIRECTORIES.includes(part));
  const names = parts.length > 1 ? parts.slice(0, -1) : parts;
  return names
    .map((part) => part.replace(/\.(?:sock|socket|pid|lock|fifo)$/, ''))
    .some((name) => name.length >= MIN_NAME_LENGTH && hasWord(text, name, true));
}

function hasWord(text: string, word: string, whole: boolean): boolean {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\w-])${escaped}${whole ? '(?![\\w-])' : ''}`).test(text);
}
