import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { KitError } from '../base/errors.ts';
import type { Step } from '../engine/step.ts';
import { writeAtomic } from '../host/write-atomic.ts';
import { describeElfMismatch } from '../programs/elf-fit.ts';
import { readElf } from '../programs/elf.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import { correctedTree } from '../sources/corrected-tree.ts';
import { carryFlags } from '../toolchain/carry-flags.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';
import { makeWritable, reproducibleEnvironment, runInStep, type Build } from '../opened-board/build.ts';
import {
  correctionSettings,
  noteCorrections,
  sourceOf,
  unpackContext,
} from '../opened-board/component-source.ts';
import { isStagedTree, type StagedTree } from './build-busybox.ts';
import { stepLauncher } from './compiler-launcher.ts';
import { stripTree } from './strip-tree.ts';

/**
 * The options of dropbear's localoptions.h that differ from its src/default_options.h: a server that takes keys alone,
 * forwards nothing, and leaves out what only old clients need.
 */
const OPTIONS: Readonly<Record<string, number>> = {
  DROPBEAR_SVR_PASSWORD_AUTH: 0,
  DROPBEAR_SVR_LOCALTCPFWD: 0,
  DROPBEAR_SVR_REMOTETCPFWD: 0,
  // Before 2025.89 a way to root for those who may log in (CVE-2025-14282).
  DROPBEAR_SVR_LOCALSTREAMFWD: 0,
  DROPBEAR_SVR_AGENTFWD: 0,
  DROPBEAR_SFTPSERVER: 0,
  // S50dropbear makes the host key.
  DROPBEAR_DELAY_HOSTKEY: 0,
  DROPBEAR_USER_ALGO_LIST: 0,
  INETD_MODE: 0,
  // 34 kB; sntrup761 stays against quantum computers.
  DROPBEAR_MLKEM768: 0,
  DROPBEAR_DH_GROUP14_SHA256: 0,
  MAX_AUTH_TRIES: 3,
};

/** The parts of the host that configure must not look for on the device. */
const WITHOUT = [
  'zlib',
  'pam',
  'lastlog',
  'utmp',
  'utmpx',
  'wtmp',
  'wtmpx',
  'loginfunc',
  'pututline',
  'pututxline',
];

/** Compiles dropbear's server and the program that makes its host key as one program with two names. */
export function buildDropbear(
  build: Build,
  fetched: Step<ResolvedSource | undefined>,
  toolchain: Step<Toolchain>,
  gates: readonly Step[],
): Step<StagedTree> {
  return {
    id: 'build-dropbear',
    title: (view) => `Building dropbear ${sourceOf(view, fetched).version ?? ''}`,
    needs: [fetched, toolchain],
    gates,
    revision: 1,
    weight: 'compile',
    shared: true,
    shape: isStagedTree,
    inputs: (view) => ({
      settings: { options: OPTIONS, without: WITHOUT, ...correctionSettings(sourceOf(view, fetched)) },
    }),
    outputs: (result) => [{ path: result.dir }],
    async run(context) {
      const source = sourceOf(context, fetched);
      const { dir: tree, corrections } = await correctedTree(
        source,
        unpackContext(build, context, 'dropbear'),
      );
      noteCorrections(source, corrections, context);
      // Its configure script makes files beside its sources.
      const copy = join(context.workDir, 'tree');
      const dir = join(context.workDir, 'target');
      await cp(tree, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
      await makeWritable(copy);
      const defines = Object.entries(OPTIONS).map(([name, value]) => `#define ${name} ${value}\n`);
      await writeAtomic(join(copy, 'localoptions.h'), defines.join(''));
      const { prefix, machine, cflags } = context.result(toolchain);
      const launcher = await stepLauncher(build, context);
      const flags = [
        ...(await carryFlags(cflags, context.workDir)),
        `-ffile-prefix-map=${copy}=dropbear`,
        '-ffunction-sections',
        '-fdata-sections',
      ];
      const env = { ...reproducibleEnvironment(build), ...launcher.env };
      const run = (argv: readonly [string, ...string[]], parallel = false): Promise<string> =>
        runInStep(build, context, argv, { cwd: copy, env, parallel });
      await run([
        'sh',
        './configure',
        `--host=${machine}`,
        '--enable-bundled-libtom',
        ...WITHOUT.map((part) => `--disable-${part}`),
        `CC=${[...launcher.words, `${prefix}gcc`].join(' ')}`,
        `AR=${prefix}ar`,
        `RANLIB=${prefix}ranlib`,
        `CFLAGS=-Os ${flags.join(' ')}`,
        'LDFLAGS=-Wl,--gc-sections',
      ]);
      await run(['make', 'PROGRAMS=dropbear dropbearkey', 'MULTI=1'], true);
      launcher.report();
      const program = join(dir, 'usr', 'sbin', 'dropbear');
      for (const folder of ['sbin', 'bin']) await mkdir(join(dir, 'usr', folder), { recursive: true });
      await cp(join(copy, 'dropbearmulti'), program);
      await symlink('../sbin/dropbear', join(dir, 'usr', 'bin', 'dropbearkey'));
      await stripTree(build, context, context.result(toolchain), dir);
      const elf = await readElf(program);
      const mismatch =
        elf === undefined ? 'it is not an ELF file' : describeElfMismatch(elf, build.architecture.elf);
      if (mismatch !== undefined)
        throw new KitError('ELF_WRONG', `dropbear was built for the wrong machine: ${mismatch}`, {
          logFile: context.logFile,
        });
      return corrections.length === 0 ? { dir } : { dir, corrections };
    },
  };
}
