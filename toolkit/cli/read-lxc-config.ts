import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { KitError, systemErrorCode } from '../base/errors.ts';
import { readTextFile } from '../yaml/read-text-file.ts';
import type { Findings } from '../lxc-keys/findings.ts';
import { readConfig, type ConfigText, type Include, type ReadLine } from '../lxc-keys/read-config.ts';
import { displayPath } from '../session/display-path.ts';

const NOUN = 'configuration of LXC';

/**
 * Reads an LXC configuration and what it includes. An absolute path in `lxc.include` is a path on the device: it is
 * looked up below `root`. A relative one is relative to the file that it is in.
 */
export async function readLxcConfig(
  path: string,
  root: string | undefined,
  findings: Findings,
): Promise<readonly ReadLine[]> {
  if (root !== undefined && (await kindOf(resolve(root))) !== 'folder') {
    throw new KitError('USAGE', `--root ${root} is not a folder`);
  }
  return readConfig(await readConfigText(resolve(path)), includeBelow(root), findings);
}

function includeBelow(root: string | undefined): Include {
  return async (path, from) => {
    const file = path.startsWith('/') ? join(resolve(root ?? '/'), path) : resolve(dirname(from.id), path);
    const kind = await kindOf(file);
    if (kind === undefined) return `there is no ${displayPath(file)}`;
    if (kind === 'file') return [await readConfigText(file)];
    try {
      const names = (await readdir(file)).filter((name) => name.endsWith('.conf')).sort();
      return await Promise.all(names.map((name) => readConfigText(join(file, name))));
    } catch (error) {
      if (systemErrorCode(error) !== 'EACCES') throw error;
      return `the folder ${displayPath(file)} cannot be read: permission denied`;
    }
  };
}

async function readConfigText(file: string): Promise<ConfigText> {
  const { shownFile, text } = await readTextFile(file, displayPath(file), NOUN);
  return { id: file, shownFile, text };
}

async function kindOf(file: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await stat(file)).isDirectory() ? 'folder' : 'file';
  } catch {
    return undefined;
  }
}
