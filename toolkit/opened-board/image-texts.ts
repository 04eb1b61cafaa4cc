import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BoardProfile } from '../board/schema.ts';
import { hasWord, holdsPath, mentionsPath } from '../rootfs/mentions.ts';
import type { Build } from './build.ts';
import { readGivenText } from './image-files.ts';

/** The content of the user's files for the image that may make other files on the running device. */
interface GivenTexts {
  /** Scripts and tables: all texts that are not LXC configurations. */
  readonly texts: readonly string[];
  /** The host files of programs and libraries. */
  readonly programs: readonly string[];
  /** Whether there are kernel modules, whose nodes are unknown. */
  readonly hasModules: boolean;
}

/** Larger overlays are not searched. */
const MAX_ENTRIES = 20_000;

/** A larger program is assumed to make any file, in bytes. */
const MAX_PROGRAM_BYTES = 64 * 1024 * 1024;

const known = new WeakMap<BoardProfile, GivenTexts>();

/**
 * Whether a user's file may make a node below /dev: a node of `rootfs.files`, a script or a table of an overlay that
 * names it, a hook, or a kernel module. True if in doubt.
 */
export function isMadeByImage(path: string, { loaded: { profile } }: Pick<Build, 'loaded'>): boolean {
  if (profile.rootfs.files.some((file) => file.path === path && file.type !== 'file')) return true;
  const { texts, hasModules } = givenTexts(profile);
  return hasModules || texts.some((text) => mentionsPath(text, path));
}

/** Whether a user's file may make a path that exists only on the running device. */
export function isMadeAtBoot(path: string, { loaded: { profile } }: Pick<Build, 'loaded'>): boolean {
  const { texts, programs } = givenTexts(profile);
  return (
    texts.some((text) => mentionsPath(text, path)) ||
    programs.some((file) => holds(file, (text) => holdsPath(text, path)))
  );
}

/** Whether a user's file contains a name, such as that of a bridge, as a word. */
export function isNamedInImage(name: string, { loaded: { profile } }: Pick<Build, 'loaded'>): boolean {
  const { texts, programs } = givenTexts(profile);
  return (
    texts.some((text) => hasWord(text, name, true)) ||
    programs.some((file) => holds(file, (text) => hasWord(text, name, true)))
  );
}

function givenTexts(profile: BoardProfile): GivenTexts {
  let given = known.get(profile);
  if (given === undefined) known.set(profile, (given = readGiven(profile)));
  return given;
}

function readGiven(profile: BoardProfile): GivenTexts {
  const files = [
    ...profile.rootfs.overlays.flatMap(listFiles),
    ...profile.rootfs.files.flatMap((file) => (file.type === 'file' ? (file.source ?? []) : [])),
  ];
  const commands = profile.containers.flatMap(({ hooks, raw }) => [
    ...Object.values(hooks).flat(),
    ...raw.filter((line) => /^\s*lxc\.(?:hook|net(?:work)?\.(?:\d+\.)?script)\./.test(line)),
  ]);
  const programs = files.filter(isProgram);
  return {
    texts: [...files.flatMap((file) => textOf(file) ?? []), ...commands],
    programs,
    hasModules: files.some((file) => /\.ko(?:\.[gx]z|\.zst)?$/.test(file)),
  };
}

/** Returns the text of a script or table; LXC configurations and mount tables are skipped, as they only name paths. */
function textOf(file: string): string | undefined {
  const text = readGivenText(file);
  return text === undefined ||
    text.includes('\0') ||
    /^[ \t]*lxc\.[\w.]+[ \t]*=/m.test(text) ||
    isMountTable(text)
    ? undefined
    : text;
}

/** Whether all lines mount something on a relative path, which only LXC accepts. */
function isMountTable(text: string): boolean {
  const lines = text.split('\n').filter((line) => !/^\s*(?:#|$)/.test(line));
  const options = /^\S+,?(?:\s+\d+){0,2}$/;
  return (
    lines.length > 0 &&
    lines.every((line) => {
      const [, rest = ''] = /^\s*\S+\s+[^/\s]\S*\s+[\w.-]+\s+(.*)$/.exec(line.trimEnd()) ?? [];
      return (
        options.test(rest) &&
        /(?:^|,)(?:r?bind|r[ow]|defaults|optional|create=\w+|no\w+)(?=[,\s]|$)/.test(rest)
      );
    })
  );
}

function isProgram(file: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    const magic = Buffer.alloc(4);
    readSync(descriptor, magic, 0, 4, 0);
    return magic.toString('latin1') === '\x7fELF';
  } finally {
    closeSync(descriptor);
  }
}

function holds(file: string, looksFor: (text: string) => boolean): boolean {
  return statSync(file).size > MAX_PROGRAM_BYTES || looksFor(readFileSync(file, 'latin1'));
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
