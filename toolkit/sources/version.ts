import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_TEXT_BYTES, refusalOf } from '../host/read-user-file.ts';

/** The places of the version in a component's tree; the first rule that finds a file and a version wins. */
const RULES: Readonly<Record<string, readonly Rule[]>> = {
  // Top Makefile of both: VERSION = 6, PATCHLEVEL = 1, SUBLEVEL = 192.
  kernel: [{ file: 'Makefile', version: (text) => numbers(text, ['VERSION', 'PATCHLEVEL', 'SUBLEVEL']) }],
  busybox: [{ file: 'Makefile', version: (text) => numbers(text, ['VERSION', 'PATCHLEVEL', 'SUBLEVEL']) }],
  libseccomp: [
    { file: 'configure.ac', version: (text) => /AC_INIT\(\[libseccomp\],\s*\[([\d.]+)\]/.exec(text)?.[1] },
  ],
  // src/sysoptions.h: #define DROPBEAR_VERSION "2025.89"; in src/ since 2022.84.
  dropbear: ['src/sysoptions.h', 'sysoptions.h'].map((file) => ({
    file,
    version: (text) => /^#define DROPBEAR_VERSION "([\d.]+)"/m.exec(text)?.[1],
  })),
  libcap: [{ file: 'Make.Rules', version: (text) => numbers(text, ['VERSION', 'MINOR']) }],
  lxc: [
    // Before 5.0: m4_define([lxc_version_major], 4) and so on. First: 4.0.12 has an unfinished meson.build that says 4.0.0.
    {
      file: 'configure.ac',
      version: (text) => {
        const part = (name: string): string | undefined =>
          new RegExp(`m4_define\\(\\[lxc_version_${name}\\],\\s*\\[?(\\d+)`).exec(text)?.[1];
        return joined([part('major'), part('minor'), part('micro')]);
      },
    },
    { file: 'meson.build', version: (text) => /\bproject\([^)]*?\bversion\s*:\s*'([^']+)'/.exec(text)?.[1] },
  ],
};

interface Rule {
  readonly file: string;
  readonly version: (text: string) => string | undefined;
}

/**
 * Reads a component's version from its unpacked tree; undefined when it is not there or the component is unknown.
 * The kernel's is always three numbers, as `make kernelversion` prints it (6.1.0, not 6.1), without EXTRAVERSION.
 */
export async function versionOfTree(component: string, dir: string): Promise<string | undefined> {
  for (const rule of RULES[component] ?? []) {
    const text = await textOf(join(dir, rule.file));
    const version = text === undefined ? undefined : rule.version(text);
    if (version !== undefined) return version;
  }
  return undefined;
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    if (refusalOf(await stat(file), MAX_TEXT_BYTES.version) !== undefined) return undefined;
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}

function numbers(text: string, names: readonly string[]): string | undefined {
  return joined(names.map((name) => new RegExp(`^${name}\\s*:?=\\s*(\\d+)\\s*$`, 'm').exec(text)?.[1]));
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  return parts.includes(undefined) ? undefined : parts.join('.');
}
