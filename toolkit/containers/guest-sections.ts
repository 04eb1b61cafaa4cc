/** How a section begins in what a guest prints; no line of the files of /proc and cgroups does. */
const HEAD = '== ';

/** The line that begins a section, as a command of the guest's shell; `title` is a word, or in double quotes. */
export function sectionHead(title: string): string {
  return `echo ${HEAD.trim()} ${title}`;
}

/** Sections by their title, without empty lines and the last line's end. Of two with one title the last counts. */
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
