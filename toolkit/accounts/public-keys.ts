/** A type of public key, by the first string in it (RFC 4253, 5656, 8709; OpenSSH's PROTOCOL.u2f). */
interface KeyType {
  readonly name: string;
  /** Why it is refused; undefined: dropbear takes it. */
  readonly refused?: string;
  /** The sizes of the strings that follow the type, in bytes; `undefined` for any. */
  readonly parts: readonly (number | undefined)[];
}

const KEY_TYPES: readonly KeyType[] = [
  { name: 'ssh-ed25519', parts: [32] },
  { name: 'ecdsa-sha2-nistp256', parts: [8, 65] },
  { name: 'ecdsa-sha2-nistp384', parts: [8, 97] },
  { name: 'ecdsa-sha2-nistp521', parts: [8, 133] },
  { name: 'sk-ssh-ed25519@openssh.com', parts: [32, undefined] },
  { name: 'sk-ecdsa-sha2-nistp256@openssh.com', parts: [8, 65, undefined] },
  { name: 'ssh-rsa', parts: [undefined, undefined] },
  {
    name: 'ssh-dss',
    parts: [undefined, undefined, undefined, undefined],
    refused: 'is a DSA key, which no SSH server takes any more',
  },
];

/** Shorter moduli are no longer safe (NIST SP 800-57), and dropbear refuses those below 1024 bits. */
const MIN_RSA_BITS = 2048;

/** The options of a line that dropbear knows (dropbear(8), "authorized_keys"). It ignores a key with any other. */
const OPTION =
  /^(?:no-port-forwarding|no-agent-forwarding|no-X11-forwarding|no-pty|restrict|no-touch-required|verify-required|command="(?:[^"\\]|\\.)*"|permitopen="[^"]*"|permitlisten="[^"]*")$/i;

/** Whether a text is a key, public or private, where the name of a file should be. */
export function isKeyText(text: string): boolean {
  return /^(?:ssh|ecdsa|sk)-\S+ |PRIVATE KEY/.test(text);
}

/** The public keys of a file, or its fault, which continues "keys[0] is "./id.pub", which ". */
export type KeyFile =
  { readonly keys: readonly string[] } | { readonly fault: string; readonly help: string };

const GENERATE = 'name the public half, which ssh-keygen -t ed25519 writes as FILE.pub';

/**
 * Reads a file of public keys in the form of authorized_keys(5): one in each line. Neither fault nor help contain
 * anything of the file: it may be a private key.
 */
export function readPublicKeys(text: string): KeyFile {
  if (/PRIVATE KEY|PuTTY-User-Key-File|openssh-key-v1/.test(text))
    return { fault: 'is a private key, which must never get into an image', help: GENERATE };
  if (/-{4,5} ?BEGIN (?:SSH2 )?(?:RSA |EC )?PUBLIC KEY/.test(text))
    return {
      fault: 'is a public key, but not in the form of OpenSSH',
      help: 'convert it: ssh-keygen -i -f FILE > FILE.pub (with -m PKCS8 for "BEGIN PUBLIC KEY")',
    };
  const keys: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const written = line.trim();
    if (written === '' || written.startsWith('#')) continue;
    const fault = lineFault(written);
    if (fault !== undefined) return { fault: `has a line ${index + 1} that ${fault}`, help: GENERATE };
    if (!keys.includes(written)) keys.push(written);
  }
  if (keys.length === 0) return { fault: 'is empty: it has no key', help: GENERATE };
  return { keys };
}

function lineFault(line: string): string | undefined {
  if (/\p{Cc}|\u{FFFD}/u.test(line.replaceAll('\t', ' '))) return 'is not text';
  const words = wordsOf(line);
  const start = words.findIndex((word) => KEY_TYPES.some(({ name }) => name === word));
  const type = KEY_TYPES.find(({ name }) => name === words[start]);
  if (type === undefined || start > 1) return 'does not begin with a type of key such as ssh-ed25519';
  const options = start === 1 ? splitOptions(words[0] ?? '') : [];
  if (options.some((option) => !OPTION.test(option)))
    return 'has an option that dropbear does not know: it would ignore the key';
  if (type.refused !== undefined) return type.refused;
  return blobFault(type, words[start + 1] ?? '');
}

function blobFault({ name, parts }: KeyType, text: string): string | undefined {
  const damaged = 'is a damaged key: what follows its type is not the rest of it';
  const bytes = Buffer.from(text, 'base64');
  if (text === '' || bytes.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, '')) return damaged;
  const strings = stringsOf(bytes);
  if (strings?.[0]?.toString('latin1') !== name || strings.length !== parts.length + 1) return damaged;
  if (parts.some((size, index) => size !== undefined && strings[index + 1]?.length !== size)) return damaged;
  if (name !== 'ssh-rsa') return undefined;
  const bits = bitLength(strings[2] ?? Buffer.of());
  return bits < MIN_RSA_BITS ? `is an RSA key of ${bits} bits; ${MIN_RSA_BITS} is the least` : undefined;
}

/** The strings of a blob, each after its length (RFC 4251, section 5); undefined when they do not fill it. */
function stringsOf(bytes: Buffer): Buffer[] | undefined {
  const found: Buffer[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    found.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return at === bytes.length ? found : undefined;
}

function bitLength(number: Buffer): number {
  const first = number.findIndex((byte) => byte !== 0);
  if (first < 0) return 0;
  return (number.length - first - 1) * 8 + (32 - Math.clz32(number[first] ?? 0));
}

/** Splits at blanks outside of quotes. */
function wordsOf(line: string): string[] {
  return line.match(/(?:"(?:[^"\\]|\\.)*"|[^\s"])+/g) ?? [];
}

function splitOptions(text: string): string[] {
  return text.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? [];
}
