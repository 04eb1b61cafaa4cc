/** Words up to this length are shown completely; the longest real paths are shorter. */
const LONGEST_WORD = 400;

/** The number of characters that are kept of a longer word. */
const KEPT = 60;

const TOO_LONG = new RegExp(`\\S{${LONGEST_WORD + 1},}`, 'g');

/** Shortens words of more than 400 characters to their beginning and length, so that no value fills the screen. */
export function shortenWords(text: string): string {
  return text.replace(TOO_LONG, (word) => `${word.slice(0, KEPT)}… (${word.length} characters)`);
}
