/** Shorter ones are tried out within days. */
export const MIN_PASSWORD_CHARACTERS = 8;
/** A terminal hands on at most 4095 bytes in a line; no one types as many as these. */
const MAX_PASSWORD_BYTES = 512;

/**
 * The words that guessers try first on devices, beside the name of the user: those of Mirai's list and the most common
 * ones of leaked passwords, each also with digits and signs after it.
 */
const COMMON = [
  'admin', 'administrator', 'changeme', 'default', 'dreambox', 'firmware', 'guest', 'letmein', 'linux', 'openwrt',
  'passw0rd', 'password', 'qwerty', 'qwertyuiop', 'secret', 'service', 'superuser', 'support', 'system', 'technician',
  'test', 'user', 'welcome', 'zlxx', 'iloveyou', 'raspberry', 'busybox', 'embedded', 'toor', 'vizxv', 'xc3511',
]; // prettier-ignore

/** Keys in the order of a keyboard, the alphabet and the digits: a part of one is no password. */
const RUNS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890123456789',
  'qwertyuiopasdfghjklzxcvbnm',
  '1qaz2wsx3edc4rfv5tgb',
];

/** Says why no device should have this password; undefined when nothing is known against it. Never has it in its text. */
export function passwordWeakness(password: string, names: readonly string[]): string | undefined {
  if (password === '') return 'it is empty';
  if (/\p{Cc}/u.test(password)) return 'it has control characters, which a login prompt does not take';
  const length = Array.from(password).length;
  if (length < MIN_PASSWORD_CHARACTERS)
    return `it has ${length} characters; ${MIN_PASSWORD_CHARACTERS} is the least`;
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES)
    return `it has more than ${MAX_PASSWORD_BYTES} bytes, more than a login prompt should get`;
  const plain = password.toLowerCase();
  const word = plain.replace(/[^a-z]+$/, '');
  const named = names.find((name) => isMadeOf(plain, name.toLowerCase()));
  if (named !== undefined) return `it is made of the name "${named}"`;
  if (COMMON.some((common) => plain === common || word === common || isMadeOf(plain, common)))
    return 'it is one of the passwords that are tried first';
  if (new Set(plain).size <= 2) return 'it is made of one or two characters';
  if (RUNS.some((run) => isPartOf(run, plain)))
    return 'it is a row of neighbours on the keyboard or in the alphabet';
  return undefined;
}

/** Whether a password is a word, backwards or not, any number of times, with digits or signs around it. */
function isMadeOf(password: string, word: string): boolean {
  if (word === '') return false;
  const letters = password.replace(/^[^a-z]+|[^a-z]+$/g, '');
  const backwards = Array.from(word).reverse().join('');
  return [password, letters].some((text) =>
    [word, backwards].some((one) => text !== '' && text.replaceAll(one, '') === ''),
  );
}

function isPartOf(run: string, text: string): boolean {
  return run.includes(text) || Array.from(run).reverse().join('').includes(text);
}
