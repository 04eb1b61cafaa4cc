const PREFIX = 'CONFIG';

/** A missing letter counts as a slip only in words of this length, ... */
const LONG_WORD = 6;
/** ... and an extra or wrong letter in words of this length: DEVKMEM is not a slip of DEVMEM. */
const LONGER_WORD = 8;
/** Names that differ in more words are unrelated. */
const MAX_SLIPS = 2;
/** Shorter names are similar by chance. */
const MIN_LETTERS = 4;

/**
 * Finds the symbol that a misspelt name stands for, among `known`. Names are without `CONFIG_`. Only obvious typing slips
 * count: swapped neighbours, a doubled letter, a missing underscore, `CONFIG_` twice, singular for plural, and one letter
 * of a long word. A word that other symbols contain is not misspelt: NFSD is not a slip of NFS, nor SPI of PCI. Undefined
 * when several symbols are equally close, or none is close.
 */
export function similarSymbols(known: Iterable<string>): (name: string) => string | undefined {
  const symbols = [...known].map((name) => ({ name, words: wordsOf(name), letters: lettersOf(name) }));
  const names = new Set(symbols.map(({ name }) => name));
  const vocabulary = new Set(symbols.flatMap(({ words }) => words));
  return (name) => {
    const plain = withoutPrefix(name);
    if (plain !== undefined && names.has(plain)) return plain;
    const letters = lettersOf(name);
    if (letters.length < MIN_LETTERS) return undefined;
    const same = symbols.filter((one) => one.letters === letters);
    if (same.length > 0) return same.length === 1 ? same[0]?.name : undefined;
    const words = wordsOf(name);
    const found = symbols.flatMap((one) => {
      const slips = slipsBetween(words, one.words, vocabulary);
      return slips === undefined ? [] : [{ name: one.name, slips }];
    });
    const fewest = Math.min(...found.map(({ slips }) => slips));
    const nearest = found.filter(({ slips }) => slips === fewest);
    return nearest.length === 1 ? nearest[0]?.name : undefined;
  };
}

/**
 * Removes a `CONFIG_` that is misspelt or doubled: `CNOFIG_VETH` and `CONFIG_VETH` give `VETH`. Undefined
 * when the name does not begin with one.
 */
export function withoutPrefix(name: string): string | undefined {
  const [first = '', ...rest] = name.split('_');
  const word = first.toUpperCase();
  return rest.length > 0 && (word === PREFIX || isSlip(word, PREFIX)) ? rest.join('_') : undefined;
}

function wordsOf(name: string): string[] {
  return name
    .toUpperCase()
    .split('_')
    .filter((word) => word !== '');
}

function lettersOf(name: string): string {
  return name.toUpperCase().replaceAll('_', '');
}

/** Returns how many words of a name are misspelt if it stands for another; undefined when it does not. */
function slipsBetween(
  words: readonly string[],
  others: readonly string[],
  vocabulary: ReadonlySet<string>,
): number | undefined {
  if (words.length !== others.length) return undefined;
  let slips = 0;
  for (const [index, word] of words.entries()) {
    const other = others[index] ?? '';
    if (word === other) continue;
    slips++;
    if (slips > MAX_SLIPS) return undefined;
    if (isPlural(word, other) || isPlural(other, word)) continue;
    const alone = words.length === 1 || lettersOf(words.join('')).length < LONG_WORD;
    if (vocabulary.has(word) || (alone && word.length < MIN_LETTERS) || !isSlip(word, other))
      return undefined;
  }
  return slips;
}

/** FS at the end of a word means file system, not a plural. */
function isPlural(many: string, one: string): boolean {
  if (one.length < 3 || many.endsWith('FS') || /\d/.test(one)) return false;
  return (
    many === `${one}S` || many === `${one}ES` || (one.endsWith('Y') && many === `${one.slice(0, -1)}IES`)
  );
}

function isSlip(word: string, other: string): boolean {
  if (word.length < 3) return false;
  if (areSwapped(word, other)) return true;
  // Numbers are chip types, which differ by a letter.
  if (/\d/.test(word)) return false;
  if (isDoubled(word, other)) return true;
  if (isDoubled(other, word)) return other.length > 4;
  const enough = word.length < other.length ? LONG_WORD : LONGER_WORD;
  const longest = Math.max(word.length, other.length);
  return longest >= enough && word.startsWith(other.charAt(0)) && isOneLetter(word, other);
}

/** Returns the parts of two words between their common start and end. */
function differenceOf(a: string, b: string): string {
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  return a.slice(start, a.length - end) + b.slice(start, b.length - end);
}

function areSwapped(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  const [one, two, three, four, more] = differenceOf(a, b);
  return more === undefined && /^[A-Z]{2}$/.test(`${one ?? ''}${two ?? ''}`) && one === four && two === three;
}

/** Whether `long` is `short` with one letter doubled. */
function isDoubled(long: string, short: string): boolean {
  if (long.length !== short.length + 1) return false;
  for (let at = 0; at < short.length; at++)
    if (long === short.slice(0, at) + short.charAt(at) + short.slice(at)) return true;
  return false;
}

/** Whether two words differ by an extra, a missing or a wrong letter. */
function isOneLetter(a: string, b: string): boolean {
  const { length } = differenceOf(a, b);
  return a.length === b.length ? length === 2 : Math.abs(a.length - b.length) === 1 && length === 1;
}
