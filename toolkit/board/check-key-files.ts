import { errorMessage } from '../base/errors.ts';
import { readPublicKeys } from '../accounts/public-keys.ts';
import { isMap } from '../base/is-map.ts';
import { MAX_TEXT_BYTES, readUserFile } from '../host/read-user-file.ts';
import type { Problem } from '../yaml/describe-issue.ts';
import { describePath } from '../yaml/describe-value.ts';
import type { YamlPath } from '../yaml/locate-issue.ts';
import type { ResolvedPaths } from './resolve-host-paths.ts';

/** Finds files of `keys` that are not public keys. Nothing of their content is in the messages. */
export function checkKeyFiles(resolved: ResolvedPaths['resolved']): Problem[] {
  return resolved.flatMap(({ path, file }) => {
    if (path.at(-2) !== 'keys') return [];
    const found = problemOf(file);
    return found === undefined ? [] : [{ path, at: 'value' as const, ...describe(path, found) }];
  });
}

/** Finds an SSH server that would let no one in. */
export function checkSsh({ ssh, users }: Readonly<Record<string, unknown>>): Problem[] {
  const hasKeys = (entry: unknown): boolean =>
    isMap(entry) && Array.isArray(entry['keys']) && entry['keys'].length > 0;
  if (!isMap(ssh) || hasKeys(ssh) || (Array.isArray(users) && users.some(hasKeys))) return [];
  return [
    {
      path: ['ssh'],
      at: 'key',
      message: 'ssh has no key, and no user has one: no one could log in',
      help: 'add a public key: "keys: [./id.pub]", or remove ssh',
    },
  ];
}

function problemOf(file: string): { fault: string; help?: string } | undefined {
  let text: string;
  try {
    text = readUserFile(file, MAX_TEXT_BYTES.key).toString('utf8');
  } catch (error) {
    return { fault: `cannot be read: ${errorMessage(error)}` };
  }
  const read = readPublicKeys(text);
  return 'fault' in read ? read : undefined;
}

function describe(
  path: YamlPath,
  { fault, help }: { fault: string; help?: string },
): Pick<Problem, 'message' | 'help'> {
  return { message: `the file of ${describePath(path)} ${fault}`, ...(help === undefined ? {} : { help }) };
}
