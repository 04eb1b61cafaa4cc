/** Words that begin conditional or repeated commands. */
const OPENING = /^(?:if|for|while|until|case|select|function|\{|\()$/;
const CLOSING = /^(?:fi|done|esac|\}|\))$/;

/** Commands that affect later programs: other mounts, new files, search paths, other scripts. */
const CHANGES_THE_VIEW =
  /(?:^|[\s;&|(])(?:\/[\w./-]*\/)?(?:mount|umount|chroot|pivot_root|switch_root|unshare|nsenter|ldconfig|cp|mv|ln|tar|cpio|unzip|rsync|install|dpkg|opkg|apk|wget|curl|eval|source|\.)(?:\s|$)|LD_/;

/** Mounts that hide no program or library. */
const HARMLESS_MOUNT =
  /^(?:\/[\w./-]*\/)?mount\s+(?:-\S+\s+)*-t\s+(?:proc|sysfs|devpts|devtmpfs|mqueue|cgroup2?)\s/;

const ENDS_THE_SCRIPT = /(?:^|[\s;&|(])(?:exit|return|exec|trap|set\s+-\w*e)(?:\s|$)/;

/** An upper limit for scripts of a device. */
const MAX_LINES = 5_000;

export interface PlainCommands {
  /** The paths of the programs. */
  readonly programs: readonly string[];
  /** The patterns of `for … in /etc/init.d/S??*`, whose files are started in turn. */
  readonly patterns: readonly string[];
}

/**
 * Returns programs that a shell script starts in any case: lines at its top level that begin with the absolute path of a
 * program and have no `&&`, `||` or other condition. Stops at the first line after which nothing is certain: all found
 * programs are started, but a script may start more.
 */
export function plainCommands(script: string): PlainCommands {
  const programs: string[] = [];
  const patterns: string[] = [];
  let depth = 0;
  for (const line of logicalLines(script).slice(0, MAX_LINES)) {
    if (line.includes('<<')) break;
    const words = line.split(/[\s;]+/).filter(Boolean);
    if (depth === 0) {
      const [, pattern] =
        /^for\s+\w+\s+in\s+(\/[\w./-]*\/[\w.-]*[*?[][\w.*?[\]!-]*)\s*(?:;\s*do\b.*)?$/.exec(line) ?? [];
      if (pattern !== undefined) patterns.push(pattern);
      const [, program] = /^(?:exec\s+)?(\/[\w./+@-]+)(?=\s|$)/.exec(line) ?? [];
      if (program !== undefined && !/&&|\|\||[|;`]|\$\(/.test(line)) programs.push(program);
    }
    if (CHANGES_THE_VIEW.test(line) && !HARMLESS_MOUNT.test(line.replace(/^.*?(?:\|\||&&)\s*/, ''))) break;
    if (ENDS_THE_SCRIPT.test(line)) break;
    depth += words.filter((word) => OPENING.test(word)).length;
    depth -= words.filter((word) => CLOSING.test(word)).length;
    if (depth < 0) break;
  }
  return { programs, patterns };
}

/** Returns lines without comments and trailing spaces; a line that ends with a backslash continues in the next. */
function logicalLines(script: string): string[] {
  return script
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}
