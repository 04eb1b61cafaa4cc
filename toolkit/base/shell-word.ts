/** Characters that are literal to a shell anywhere in a word. */
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** Characters that split a word or have a special meaning to a shell or make. */
const ACTIVE = /[\s#$'"\\`;&|<>()*?[\]]/;

/** A text as one word of a POSIX shell command: as it is, or in single quotes (POSIX.1-2017, XCU 2.2.2). */
export function shellWord(text: string): string {
  return PLAIN_WORD.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Words as a line that a shell splits into the same words. */
export function shellWords(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/**
 * The first character of a text that is special to a shell or a makefile, or undefined. For texts that upstream scripts
 * and makefiles put into commands without quotes, such as CROSS_COMPILE.
 */
export function shellActive(text: string): string | undefined {
  return ACTIVE.exec(text)?.[0];
}

/** A character in words, for a message. */
export function nameCharacter(character: string): string {
  return character.trim() === '' ? 'a blank' : `the character ${character}`;
}
