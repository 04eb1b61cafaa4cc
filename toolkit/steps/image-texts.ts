import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BoardProfile } from '../board/schema.ts';
import { mentionsPath } from '../rootfs/mentions.ts';
import type { Build } from './build.ts';
import { readGivenText } from './image-files.ts';

/** What the files that a person brings to the image say, as far as it decides what is there on the running device. */
interface GivenTexts {
  /** Scripts and tables: whatever text is no LXC configuration. */
  readonly texts: readonly string[];
  /** Whether modules for the kernel are among them, whose nodes no table knows. */
  readonly hasModules: boolean;
}

/** More entries than overlays have whose scripts a person keeps by hand. */
const MAX_ENTRIES = 20_000;

const known = new WeakMap<BoardProfile, GivenTexts>();

/**
 * Whether something that a person brings along may make a path below /dev on the device: a node of `rootfs.files`, a
 * script or a table of an overlay that names it, a hook, or a module for the kernel. True where that is not certain.
 */
export function isMadeByImage(path: string, { loaded: { profile } }: Pick<Build, 'loaded'>): boolean {
  if (profile.rootfs.files.some((file) => file.path === path && file.type !== 'file')) return true;
  let given = known.get(profile);
  if (given === undefined) known.set(profile, (given = readGiven(profile)));
  return given.hasModules || given.texts.some((text) => mentionsPath(text, path));
}

function readGiven(profile: BoardProfile): GivenTexts {
  const files = [
    ...profile.rootfs.overlays.flatMap(listFiles),
    ...profile.rootfs.files.flatMap((file) => (file.type === 'file' ? (file.source ?? []) : [])),
  ];
  const hooks = profile.containers.flatMap((container) => Object.values(container.hooks).flat());
  return {
    texts: [...files.flatMap((file) => textOf(file) ?? []), ...hooks],
    hasModules: files.some((file) => /\.ko(?:\.[gx]z|\.zst)?$/.test(file)),
  };
}

/** An LXC configuration names what is bound, and makes nothing. */
function textOf(file: string): string | undefined {
  const text = readGivenText(file);
  return text === undefined || text.includes('\0') || /^[ \t]*lxc\.[\w.]+[ \t]*=/m.test(text)
    ? undefined
    : text;
}

function listFiles(dir: string): string[] {
  const found: string[] = [];
  const open = [dir];
  for (let at = open.pop(); at !== undefined && found.length < MAX_ENTRIES; at = open.pop()) {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      if (entry.isDirectory()) open.push(join(at, entry.name));
      else if (entry.isFile()) found.push(join(at, entry.name));
    }
  }
  return found;
}
