import { z } from 'zod';
import { PASSWORD_HELP, passwordFault } from '../accounts/password-hash.ts';
import { isKeyText } from '../accounts/public-keys.ts';
import { LAST_USER_ID } from '../accounts/system-accounts.ts';
import { userFaults } from '../accounts/user-faults.ts';
import { absolutePath, type ErrorText, textLike } from '../yaml/field-formats.ts';
import { evenWithMistakes, refuseTwice } from '../yaml/refuse-twice.ts';

const userName = textLike(/^[a-z_][a-z0-9_-]{0,31}$/, ({ input }) => {
  const sentence =
    'must be a name of lower-case letters, digits, "_" and "-", the first a letter or "_" (32 characters at most)';
  const near = String(input)
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[^a-z_]+/, '')
    .slice(0, 32);
  return typeof input === 'string' && near !== '' ? `${sentence}\nfor example ${near}` : sentence;
});

/** The sentence does not begin with "must be", so that describe-issue.ts does not print what was written. */
const passwordError: ErrorText = ({ input }) => `${passwordFault(input) ?? ''}\n${PASSWORD_HELP}`;

const passwordHash = z
  .string({ error: passwordError })
  .refine((text) => passwordFault(text) === undefined, { error: passwordError });

const IS_KEY =
  'is a key, not the name of a file\nwrite it to a file beside the profile and name that: ./id.pub';

/** A file, relative to the profile; a key that is written there itself is not printed either. */
export const keyFile = textLike(/^\P{Cc}+$/u, ({ input }) =>
  isKeyText(String(input)) ? IS_KEY : 'must be the path of a file with public keys',
).refine((text) => !isKeyText(text), { error: IS_KEY });

const idNumber = z.int().min(1).max(LAST_USER_ID);

const user = z.strictObject({
  name: userName.meta({ description: 'The name to log in with', examples: ['root'] }),
  password: passwordHash
    .optional()
    .describe('The hash of the password, as lxc-kit passwd prints it; without it no password is right'),
  keys: z
    .array(keyFile)
    .default([])
    .describe('Files with public SSH keys, relative to this file, for ~/.ssh/authorized_keys'),
  shell: absolutePath.optional().describe('The program that starts at login; by default /bin/sh'),
  groups: z.array(textLike(/^\S+$/, 'must be the name of a group')).default([]).describe('Further groups'),
  uid: idNumber.optional().describe('The number; by default the first free one from 1000 on'),
  gid: idNumber.optional().describe("The number of the user's own group; by default the uid"),
  home: absolutePath.optional().describe('The home directory; by default /home/NAME'),
});

/** `users` of a profile. */
export const users = z
  .array(user)
  .superRefine(refuseTwice('name'), evenWithMistakes)
  .superRefine((entries, context) => {
    if (!Array.isArray(entries)) return;
    for (const { path, message } of userFaults(entries))
      context.addIssue({ code: 'custom', path: [...path], message, input: entries });
  }, evenWithMistakes);

/** `login` of a profile. */
export const login = z.enum(['password', 'shell', 'none']);

/** `ssh` of a profile. */
export const ssh = z.strictObject({
  keys: z
    .array(keyFile)
    .default([])
    .describe('Files with public SSH keys of root, relative to this file; other users have theirs in users'),
  port: z.int().min(1).max(65_535).default(22).describe('The TCP port it listens on'),
  'host-keys': absolutePath
    .default('/etc/dropbear')
    .describe('The folder on the device for its host key, which is made at the first start'),
});

/** `ssh` of a checked profile. */
export type SshDefinition = z.output<typeof ssh>;

/** An entry of `users`. */
export type UserDefinition = z.output<typeof user>;
