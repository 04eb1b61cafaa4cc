import type { Step } from '../engine/step.ts';
import { librariesFor } from '../lxc/libraries.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import { assembleRootfs, type AssembledRootfs } from './assemble-rootfs.ts';
import { buildBusybox, type StagedTree } from './build-busybox.ts';
import { buildDropbear } from './build-dropbear.ts';
import { buildKernel, type BuiltKernel } from './build-kernel.ts';
import { buildLibrary } from './build-library.ts';
import { buildLxc, type BuiltLxc } from './build-lxc.ts';
import type { Build } from '../opened-board/build.ts';
import { checkToolchain } from './check-toolchain.ts';
import { checkVersions } from './check-versions.ts';
import { configureBusybox } from './configure-busybox.ts';
import { configureKernel } from './configure-kernel.ts';
import { emitContainers } from './emit-containers.ts';
import type { EmittedContainers } from './laid-out-rootfs.ts';
import { fetchSource } from './fetch-source.ts';
import { boardKernel, emulatorKernel } from '../configuration/kernel-spec.ts';
import { layOutRootfs } from './lay-out-rootfs.ts';
import { packContainerImages } from './pack-container-images.ts';
import { packImage } from './pack-image.ts';
import { needsTranslation } from '../rootfs/network-commands.ts';
import { unpackIptables } from './unpack-iptables.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';

/** The steps of a board's build, in the order in which they start when nothing holds them back. */
export interface BuildSteps {
  readonly all: readonly Step[];
  readonly fetches: readonly Step<ResolvedSource | undefined>[];
  readonly toolchain: Step<Toolchain>;
  readonly lxc: Step<BuiltLxc>;
  readonly containers: Step<EmittedContainers>;
  /** The steps that compile corrected sources. */
  readonly corrected: readonly Step<StagedTree | undefined>[];
  readonly assembled: Step<AssembledRootfs>;
  readonly kernel: Step<BuiltKernel>;
  readonly emulatorKernel: Step<BuiltKernel> | undefined;
}

/** All steps of a build. The one place to add a step. */
export function createSteps(build: Build): BuildSteps {
  const toolchain = checkToolchain(build);
  const fetchKernel = fetchSource(build, 'kernel');
  const fetchBusybox = fetchSource(build, 'busybox');
  const fetchLxc = fetchSource(build, 'lxc');
  const sourcesOfLibraries = librariesFor(build.loaded.profile.lxc.features).map((recipe) => ({
    recipe,
    fetched: fetchSource(build, recipe.name, fetchLxc),
  }));

  // Incompatible versions must stop the build before the kernel is configured, and be reported before lost symbols.
  const versions = checkVersions(build, fetchKernel, fetchLxc);

  const kernelSpec = boardKernel(build);
  const emulatorSpec = emulatorKernel(build);
  const configured = configureKernel(build, kernelSpec, fetchKernel, fetchLxc, toolchain, [versions]);
  const emulatorConfigured =
    emulatorSpec && configureKernel(build, emulatorSpec, fetchKernel, fetchLxc, toolchain, [versions]);
  const busyboxConfigured = configureBusybox(build, fetchBusybox, toolchain);
  // A lost symbol must stop the build before anything is compiled.
  const gates = [
    versions,
    configured,
    ...(emulatorConfigured ? [emulatorConfigured] : []),
    busyboxConfigured,
  ];

  const kernel = buildKernel(build, kernelSpec, fetchKernel, toolchain, configured, gates);
  const busybox = buildBusybox(build, fetchBusybox, toolchain, busyboxConfigured, gates);
  const libraries = sourcesOfLibraries.map(({ recipe, fetched }) => ({
    recipe,
    step: buildLibrary(build, recipe, fetched, toolchain, gates),
  }));
  const lxc = buildLxc(build, fetchLxc, libraries, toolchain, gates);
  const emulated =
    emulatorSpec &&
    emulatorConfigured &&
    buildKernel(build, emulatorSpec, fetchKernel, toolchain, emulatorConfigured, gates);

  const translates = needsTranslation(build.loaded.profile.bridges);
  const fetchIptables = translates ? fetchSource(build, 'iptables') : undefined;
  const iptables = fetchIptables && unpackIptables(build, fetchIptables, toolchain);

  const fetchDropbear = build.loaded.profile.ssh === undefined ? undefined : fetchSource(build, 'dropbear');
  const dropbear = fetchDropbear && buildDropbear(build, fetchDropbear, toolchain, gates);

  const base = layOutRootfs(build, { kernel, busybox, lxc, iptables, dropbear });
  const containers = emitContainers(build, base, lxc, configured);
  const assembled = assembleRootfs(build, containers, toolchain, { spec: kernelSpec, configured });
  const withImages = build.loaded.profile.containers.some(
    ({ rootfs }) => rootfs.image !== undefined || rootfs.size !== undefined,
  );
  const rootfs = withImages ? packContainerImages(build, assembled) : assembled;
  const images = build.loaded.profile.images.map((kind) => packImage(build, kind, rootfs));

  const fetches = [
    fetchKernel,
    fetchBusybox,
    fetchLxc,
    ...sourcesOfLibraries.map(({ fetched }) => fetched),
    ...(fetchIptables ? [fetchIptables] : []),
    ...(fetchDropbear ? [fetchDropbear] : []),
  ];
  return {
    all: [
      toolchain,
      ...fetches,
      ...gates,
      kernel,
      ...(emulated ? [emulated] : []),
      busybox,
      ...libraries.map(({ step }) => step),
      lxc,
      ...(iptables ? [iptables] : []),
      ...(dropbear ? [dropbear] : []),
      base,
      containers,
      assembled,
      ...(withImages ? [rootfs] : []),
      ...images,
    ],
    fetches,
    toolchain,
    lxc,
    containers,
    corrected: [busybox, ...libraries.map(({ step }) => step), ...(dropbear ? [dropbear] : [])],
    assembled,
    kernel,
    emulatorKernel: emulated,
  };
}
