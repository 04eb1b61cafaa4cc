import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { join, posix } from 'node:path';
import type { BoardProfile } from '../board/schema.ts';

type RootfsSources = Pick<BoardProfile, 'rootfs'>;

/** The kernel's limit (MAXSYMLINKS). */
const MAX_SYMLINKS = 40;

/** A user's file for the image and its path on the host. */
export interface GivenFile {
  /** The path in the image, symlinks followed. */
  readonly path: string;
  readonly hostFile: string;
}

/**
 * Returns the host file of a path in the image, from `rootfs.files` or the last overlay that has it. Undefined for
 * other files, such as those of lxc-kit, BusyBox and LXC.
 */
export function givenFile(profile: RootfsSources, path: string): GivenFile | undefined {
  return findGiven(profile, path, (stat) => stat.isFile());
}

/** Returns the .conf files of a directory in overlays, sorted by name. */
export function givenConfigs(profile: RootfsSources, directory: string): GivenFile[] {
  const names = new Set(
    profile.rootfs.overlays.flatMap((overlay) => {
      const stat = statOf(join(overlay, directory));
      return stat?.isDirectory() === true ? readdirSync(join(overlay, directory)) : [];
    }),
  );
  return [...names]
    .filter((name) => name.endsWith('.conf'))
    .sort()
    .flatMap((name) => givenFile(profile, posix.join(directory, name)) ?? []);
}

function findGiven(
  profile: RootfsSources,
  path: string,
  fits: (stat: Stats) => boolean,
  linksLeft = MAX_SYMLINKS,
): GivenFile | undefined {
  const own = profile.rootfs.files.find((file) => file.path === path);
  if (own?.type === 'file' && own.source !== undefined) return { path, hostFile: own.source };
  for (const overlay of profile.rootfs.overlays.toReversed()) {
    const parts = posix.resolve('/', path).split('/').filter(Boolean);
    for (let count = 1; count <= parts.length; count++) {
      const at = `/${parts.slice(0, count).join('/')}`;
      const stat = statOf(join(overlay, at));
      if (stat === undefined) break;
      if (stat.isSymbolicLink()) {
        if (linksLeft === 0) return undefined;
        const target = posix.resolve(posix.dirname(at), readlinkSync(join(overlay, at)));
        return findGiven(profile, posix.join(target, ...parts.slice(count)), fits, linksLeft - 1);
      }
      if (count === parts.length && fits(stat)) return { path: at, hostFile: join(overlay, at) };
    }
  }
  return undefined;
}

/** Returns undefined also if a part of the path is not a directory or not readable. */
function statOf(file: string): Stats | undefined {
  try {
    return lstatSync(file);
  } catch {
    return undefined;
  }
}

/** More than any configuration or script of a device, in bytes. */
const MAX_TEXT_BYTES = 1024 * 1024;

/** Returns the text of a regular file; undefined when it is too large to be handwritten. */
export function readGivenText(hostFile: string): string | undefined {
  const stat = statOf(hostFile);
  if (stat === undefined || !stat.isFile() || stat.size > MAX_TEXT_BYTES) return undefined;
  return readFileSync(hostFile, 'utf8');
}
