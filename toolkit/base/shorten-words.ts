/** Characters of one word that are still shown whole; the longest paths people have are shorter. */
const LONGEST_WORD = 400;

/** How much of a longer one is left. */
const KEPT = 60;

const TOO_LONG = new RegExp(`\\S{${LONGEST_WORD + 1},}`, 'g');

/** A message with a value in it that fills no screen: of a word of more than 400 characters the beginning is left, and its length. */
export function shortenWords(text: string): string {
  return text.replace(TOO_LONG, (word) => `${word.slice(0, KEPT)}… (${word.length} characters)`);
}
