/** Directories of every device, whose mention says nothing about their content. */
const TOP_DIRECTORIES = ['run', 'tmp', 'var', 'lock', 'dev', 'shm'];

/** The shortest name that is searched alone; shorter ones occur in any text. */
const MIN_NAME_LENGTH = 3;

/** Paths made by programs whose names do not mention them. */
const knownMakers: Readonly<Record<string, readonly string[]>> = {
  '/dev/log': ['syslogd', 'rsyslogd', 'syslog-ng', 'logd'],
  '/dev/initctl': ['telinit', 'sysvinit'],
};

/**
 * Whether a script or a table of the device may make a path that exists only on the running device: it names the path,
 * a directory above it, or a daemon named like one of them. A path that no text names is made by none.
 */
export function mentionsPath(text: string, path: string): boolean {
  if (text.includes(path)) return true;
  const makers = knownMakers[path];
  if (makers !== undefined) return makers.some((name) => hasWord(text, name, true));
  return path.startsWith('/dev/') && !path.startsWith('/dev/shm/')
    ? mentionsNode(text, path)
    : mentionsRunTimePath(text, path);
}

/** Whether a text may make a node: `i2c-3` is found in a loop that makes i2c-$n. */
function mentionsNode(text: string, path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const stem = name.replace(/\d+$/, '');
  return hasWord(text, stem, stem === name);
}

/** The file's own name counts only without its own directory: many files are called `sock`. */
function mentionsRunTimePath(text: string, path: string): boolean {
  const parts = path.split('/').filter((part) => part !== '' && !TOP_DIRECTORIES.includes(part));
  const names = parts.length > 1 ? parts.slice(0, -1) : parts;
  return names
    .map((part) => part.replace(/\.(?:sock|socket|pid|lock|fifo)$/, ''))
    .some((name) => name.length >= MIN_NAME_LENGTH && hasWord(text, name, true));
}

/** Whether a text contains a word; if `whole` is false, also as part of a longer one. */
export function hasWord(text: string, word: string, whole: boolean): boolean {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\w-])${escaped}${whole ? '(?![\\w-])' : ''}`).test(text);
}

/** Whether a program contains a path, or a directory above it that not every device has. */
export function holdsPath(program: string, path: string): boolean {
  for (let at = path; at.split('/').some((part) => part !== '' && !TOP_DIRECTORIES.includes(part));) {
    if (program.includes(at)) return true;
    at = at.slice(0, at.lastIndexOf('/'));
  }
  return false;
}
