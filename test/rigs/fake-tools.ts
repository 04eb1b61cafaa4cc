import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fixture } from './fixture.ts';
import { type ElfMachine, makeElf, makeForeignElf } from './make-elf.ts';

/** The fake cross compiler that fits, and those that a board has to refuse. */
export type FakeToolchain = 'mipsel' | 'big-endian' | 'x86_64' | 'no-libc';

const ELF_MACHINES: Record<FakeToolchain, ElfMachine | 'foreign'> = {
  mipsel: 'mipsel',
  'big-endian': 'mips',
  x86_64: 'foreign',
  'no-libc': 'mipsel',
};

/** Libraries of glibc and gcc: soname and what each needs. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  'ld.so.1': [],
  'libc.so.6': ['ld.so.1'],
  'libdl.so.2': ['libc.so.6'],
  'libgcc_s.so.1': ['libc.so.6'],
  'libm.so.6': ['libc.so.6'],
  'libpthread.so.0': ['libc.so.6'],
  'librt.so.1': ['libc.so.6'],
  'libutil.so.1': ['libc.so.6'],
};

/**
 * Puts fake cross tools into `dir` and returns the folder of the programs. They are called
 * mipsel-linux-gnu-gcc and so on, whatever machine they say they compile for.
 */
export async function installFakeTools(dir: string, toolchain: FakeToolchain = 'mipsel'): Promise<string> {
  await cp(fixture('fake-cross'), dir, {
    recursive: true,
    dereference: true,
    // Whether there is a C library is for the variant to say.
    filter: (from) => toolchain === 'mipsel' || !from.endsWith('/libc.h'),
  });
  if (toolchain !== 'mipsel') {
    await cp(fixture('fake-cross-wrong', toolchain), dir, { recursive: true });
  }
  const machine = ELF_MACHINES[toolchain];
  await mkdir(join(dir, 'lib'), { recursive: true });
  for (const kind of ['static', 'exec', 'shared', 'object'] as const) {
    const needed = kind === 'exec' || kind === 'shared' ? ['libc.so.6'] : [];
    const elf = machine === 'foreign' ? makeForeignElf() : makeElf({ machine, kind, needed });
    await writeFile(join(dir, 'lib', `${kind}.elf`), elf);
  }
  const libraryDir = join(dir, 'sysroot', 'lib');
  await mkdir(libraryDir, { recursive: true });
  for (const [soname, needed] of Object.entries(LIBRARIES)) {
    const elf =
      machine === 'foreign' ? makeForeignElf() : makeElf({ machine, kind: 'shared', soname, needed });
    await writeFile(join(libraryDir, soname), elf, { mode: 0o755 });
  }
  return join(dir, 'bin');
}
