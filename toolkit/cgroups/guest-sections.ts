/** Marks the beginning of a section in a guest's output; no line of the files of /proc and cgroups begins like this. */
const HEAD = '== ';

/** Returns the shell command that prints the head of a section; `title` is a word, or in double quotes. */
export function sectionHead(title: string): string {
  return `echo ${HEAD.trim()} ${title}`;
}

/** Reads sections by title, without empty lines and the last line end. For duplicate titles the last one counts. */
export function readSections(output: string): Map<string, string> {
  const sections = new Map<string, string>();
  let title: string | undefined;
  for (const line of output.replaceAll('\r', '').split('\n')) {
    if (line.startsWith(HEAD)) sections.set((title = line.slice(HEAD.length)), '');
    else if (title !== undefined && line !== '')
      sections.set(title, sections.get(title) === '' ? line : `${sections.get(title) ?? ''}\n${line}`);
  }
  return sections;
}
