/** A form in which passwords are kept, and why a profile may not have it. */
interface PasswordForm {
  readonly pattern: RegExp;
  /** Undefined: it is taken. Continues "users[0].password ". */
  readonly refused?: string;
}

/** The last field is 43 digits for 32 bytes, 86 for 64. */
const SALT = '(?:rounds=[0-9]{4,9}\\$)?[^$:\\s]{1,16}';

/**
 * The forms of crypt(5). BusyBox's own crypt, which login, su and passwd of the device use (libbb/pw_encrypt.c), knows
 * DES, `$1$`, `$5$` and `$6$`; the first two fall to a few hours of guessing.
 */
const FORMS: readonly PasswordForm[] = [
  { pattern: new RegExp(`^\\$6\\$${SALT}\\$[./0-9A-Za-z]{86}$`) },
  { pattern: new RegExp(`^\\$5\\$${SALT}\\$[./0-9A-Za-z]{43}$`) },
  {
    pattern: /^\$[56]\$/,
    refused: 'is the hash of a password, but damaged: its length or its characters are wrong',
  },
  { pattern: /^\$1\$/, refused: 'is an MD5 hash ($1$), which is too weak' },
  { pattern: /^\$(?:2[abxy]?|y|7|gy|sha1|md5)[$,]/, refused: "is a hash that BusyBox's login cannot check" },
  { pattern: /^[./0-9A-Za-z]{13}$/, refused: 'is a plain password or a DES hash, which is too weak' },
  { pattern: /^$/, refused: 'is empty: anyone could log in' },
  {
    pattern: /^[!*x]+$/,
    refused: 'is no hash: without the key password, the account is locked for passwords',
  },
];

/** Says why a text is not a password hash that a profile may have; undefined when it is one. Never has the text in it. */
export function passwordFault(text: unknown): string | undefined {
  if (typeof text !== 'string') return PLAIN;
  const form = FORMS.find(({ pattern }) => pattern.test(text));
  return form === undefined ? PLAIN : form.refused;
}

const PLAIN = 'is not a hash: a profile never has the password itself';

/** The way out of any of these faults. */
export const PASSWORD_HELP = 'write the output of lxc-kit passwd, in quotes';
