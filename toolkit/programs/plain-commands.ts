/** Words that begin and end what runs perhaps, or often. */
const OPENING = /^(?:if|for|while|until|case|select|function|\{|\()$/;
const CLOSING = /^(?:fi|done|esac|\}|\))$/;

/** What changes what the programs after it see: other mounts, files that are put in place, search paths, other scripts. */
const CHANGES_THE_VIEW =
  /(?:^|[\s;&|(])(?:\/[\w./-]*\/)?(?:mount|umount|chroot|pivot_root|switch_root|unshare|nsenter|ldconfig|cp|mv|ln|tar|cpio|unzip|rsync|install|dpkg|opkg|apk|wget|curl|eval|source|\.)(?:\s|$)|LD_/;

/** Mounting one of these takes no program or library away. */
const HARMLESS_MOUNT =
  /^(?:\/[\w./-]*\/)?mount\s+(?:-\S+\s+)*-t\s+(?:proc|sysfs|devpts|devtmpfs|mqueue|cgroup2?)\s/;

const ENDS_THE_SCRIPT = /(?:^|[\s;&|(])(?:exit|return|exec|trap|set\s+-\w*e)(?:\s|$)/;

/** No script of a device is longer. */
const MAX_LINES = 5_000;

export interface PlainCommands {
  /** Paths of the programs. */
  readonly programs: readonly string[];
  /** Patterns of `for … in /etc/init.d/S??*`, whose files are started one after the other. */
  readonly patterns: readonly string[];
}

/**
 * The programs that a shell script starts in any case: lines at its top level that begin with the whole path of a program
 * and have no `&&`, `||` or other condition. It stops at the first line after which nothing is sure any more, so what it
 * finds is started, but a script starts more than this.
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

/** Lines without comments and blank ends; one that ends with a backslash goes on in the next. */
function logicalLines(script: string): string[] {
  return script
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}
