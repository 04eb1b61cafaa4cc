import type { Command, HelpConfiguration } from 'commander';

/** Narrower texts beside the terms would have a word a line. */
const NARROWEST_TEXT = 30;

/** The columns of the terminal, or those of the variable COLUMNS, as other programs have it. */
export function helpWidth(): number {
  const named = Number(process.env['COLUMNS']);
  return process.stdout.columns || (named > 0 ? named : 80);
}

/** The layout of the help: on a narrow terminal a description stands below its term instead of beside it. */
export const helpFormat: HelpConfiguration = {
  formatItem(term, termWidth, description, helper) {
    const width = helper.helpWidth ?? 80;
    if (description === '') return `  ${term}`;
    const beside = width - termWidth - 4;
    if (beside >= NARROWEST_TEXT) {
      const [first = '', ...rest] = wrap(description, beside);
      return [
        `  ${term.padEnd(termWidth)}  ${first}`,
        ...rest.map((line) => ' '.repeat(termWidth + 4) + line),
      ].join('\n');
    }
    return [
      ...wrap(term, width - 2).map((line) => `  ${line}`),
      ...wrap(description, width - 6).map((line) => `      ${line}`),
    ].join('\n');
  },
  commandUsage(command) {
    const outer: string[] = [];
    for (let one: Command | null = command; one !== null; one = one.parent) outer.unshift(one.name());
    const words = [...outer, ...command.usage().split(' ')];
    return wrap(words.join(' '), helpWidth() - 'Usage: '.length).join('\n       ');
  },
  boxWrap: (text, width) => wrap(text, width).join('\n'),
};

/** Breaks a text between words; a word that is longer than the width has a line of its own. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
