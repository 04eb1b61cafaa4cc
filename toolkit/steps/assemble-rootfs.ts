import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inOut } from '../host/own-folders.ts';
import { formatDiagnostic } from '../base/diagnostic.ts';
import type { Step, StepContext } from '../engine/step.ts';
import { runTool } from '../host/run-tool.ts';
import { readFinalConfig } from '../kconfig/audit-config.ts';
import { lxcDirectories } from '../lxc/directories.ts';
import { BlobStore } from '../rootfs/blob-store.ts';
import { closeLibraries } from '../programs/close-libraries.ts';
import { describeHardening, type HardenedProgram } from '../programs/describe-hardening.ts';
import { elfReader } from '../programs/elf-reader.ts';
import type { RootfsEntry } from '../rootfs/manifest.ts';
import { RootfsTree } from '../rootfs/rootfs-tree.ts';
import { readManifest, writeManifest } from '../rootfs/stored-manifest.ts';
import { askMacros, boardTraits, type EmulatingKernel } from '../toolchain/board-traits.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';
import { asSetting, runInStep, type Build } from '../opened-board/build.ts';
import { placeFile } from './build-kernel.ts';
import type { KernelConfiguration } from './configure-kernel.ts';
import { withoutPaths } from './emit-containers.ts';
import { checkStartedPrograms, throwProblems } from '../board-checks/check-started-programs.ts';
import { hasKernelWords, type KernelSpec } from '../configuration/kernel-spec.ts';
import type { LaidOutRootfs } from './laid-out-rootfs.ts';

/** The whole root filesystem, and how its programs are hardened. */
export interface AssembledRootfs extends LaidOutRootfs {
  readonly programs: readonly HardenedProgram[];
}

/** Adds the libraries that programs need from the toolchain, checks every ELF file, and writes the manifest images are made from. */
export function assembleRootfs(
  build: Build,
  withContainers: Step<LaidOutRootfs>,
  toolchain: Step<Toolchain>,
  kernel: { readonly spec: KernelSpec; readonly configured: Step<KernelConfiguration> },
): Step<AssembledRootfs> {
  const { profile } = build.loaded;
  const configFile = inOut(build.outDir, 'config', 'kernel.config');
  const { emulationWords } = build.architecture;
  // Without it, a change of the kernel's configuration does not affect programs.
  const emulates = emulationWords !== undefined && hasKernelWords(build, kernel.spec, emulationWords);
  return {
    id: 'assemble-rootfs',
    title: () => 'Checking the root filesystem',
    needs: [withContainers, toolchain],
    ...(emulates ? { after: [kernel.configured] } : {}),
    revision: 4,
    weight: 'light',
    inputs: () => ({
      settings: { containers: asSetting(profile.containers.map(withoutPaths)) },
      files: emulates ? { 'config/kernel.config': configFile } : {},
    }),
    outputs: (result) => [{ path: result.manifestFile }],
    async run(context) {
      const workRoot = inOut(build.outDir, 'work');
      const tree = new RootfsTree(
        readManifest(context.result(withContainers).manifestFile, workRoot).entries,
      );
      const { elf, programTraits } = build.architecture;
      const built = context.result(toolchain);
      const macros = await askMacros(built, { cwd: context.workDir, env: build.env, signal: context.signal });
      const read = elfReader();
      const problems = await BlobStore.use(join(context.workDir, 'blobs'), (blobs) =>
        closeLibraries({
          tree,
          elf,
          traits: boardTraits(
            programTraits,
            macros,
            built.cflags,
            emulates ? readKernel(configFile) : undefined,
          ),
          read,
          libraryDirs: [...build.architecture.libraryDirs, lxcDirectories(profile.lxc).libdir],
          provide: (name) => libraryOfToolchain(build, context, built, name, blobs),
          containerRoots: profile.containers.map(({ rootfs }) => rootfs.path),
          warn: (warning) => {
            context.emit({ type: 'warning', step: this.id, message: formatDiagnostic(warning) });
          },
        }),
      );
      const started = await checkStartedPrograms(build, tree, read);
      for (const warning of started.warnings)
        context.emit({ type: 'warning', step: this.id, message: formatDiagnostic(warning) });
      throwProblems(build, problems, started.errors);
      const manifestFile = join(context.workDir, 'manifest.json');
      await writeManifest(manifestFile, tree.manifest(), workRoot);
      const programs = await describeHardening(
        tree.entries(),
        read,
        profile.containers.map(({ rootfs }) => rootfs.path),
      );
      return { manifestFile, programs };
    },
  };
}

/** The kernel's final configuration, as far as it decides which programs run. */
function readKernel(configFile: string): EmulatingKernel {
  const final = readFinalConfig(readFileSync(configFile, 'utf8'));
  return {
    isSet: (symbol) => final.get(symbol) === 'y',
    commandLine: (final.get('CONFIG_CMDLINE') ?? '').replaceAll('"', ''),
  };
}

/** A shared library of the cross toolchain, stripped, as an entry of /lib. */
async function libraryOfToolchain(
  build: Build,
  context: StepContext,
  toolchain: Toolchain,
  name: string,
  blobs: BlobStore,
): Promise<RootfsEntry | undefined> {
  const asked = await runTool([`${toolchain.prefix}gcc`, ...toolchain.cflags, `-print-file-name=${name}`], {
    cwd: context.workDir,
    env: build.env,
    signal: context.signal,
    capture: true,
  });
  // The compiler prints the bare name back when it has no such file.
  const file = asked.kind === 'exited' ? asked.output.trim() : '';
  if (!file.startsWith('/')) return undefined;
  const copy = join(context.workDir, 'libraries', name);
  await placeFile(file, copy);
  await runInStep(build, context, ['chmod', 'u+w', copy]);
  await runInStep(build, context, [`${toolchain.prefix}strip`, '--strip-unneeded', copy]);
  const blob = await blobs.addFile(copy);
  return { path: `/lib/${name}`, type: 'file', mode: 0o755, uid: 0, gid: 0, ...blob };
}
