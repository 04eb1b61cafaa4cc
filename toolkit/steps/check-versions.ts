import { DiagnosticsError, formatDiagnostic, type Diagnostic, type Location } from '../base/diagnostic.ts';
import {
  findMisfits,
  unsupported,
  worksInPart,
  type FitQuestion,
  type Misfit,
} from '../containers/lxc-fit.ts';
import { isText, mapOf, maybe } from '../engine/result-shape.ts';
import type { Step, StepContext } from '../engine/step.ts';
import type { ResolvedSource } from '../sources/resolve-source.ts';
import { unpackTree } from '../sources/unpack.ts';
import { debianLxcFeatures } from '../lxc/options.ts';
import { asSetting, type Build } from './build.ts';
import { checkLxcSource, refuseFeatures } from './check-lxc-source.ts';
import { describeFit } from './describe-fit.ts';
import { versionOfSource } from './describe-board.ts';
import { sourceOf, unpackContext } from './fetch-source.ts';
import { givenConfigFiles } from './given-configs.ts';
import { toldVersion, type ToldVersion } from './told-versions.ts';
import { unpackKernel } from './unpack-kernel.ts';

/** The versions that a board is built of. */
export interface CheckedVersions {
  readonly kernel: string | undefined;
  readonly lxc: string | undefined;
}

/**
 * Stops the build before anything is configured or compiled when LXC, the kernel and the cgroup layout do not go
 * together. `refuseToldMisfits` says the same before anything is fetched, where the profile tells the versions.
 */
export function checkVersions(
  build: Build,
  fetchedKernel: Step<ResolvedSource | undefined>,
  fetchedLxc: Step<ResolvedSource | undefined>,
): Step<CheckedVersions> {
  const id = 'check-versions';
  return {
    id,
    title: () => 'Checking that LXC, kernel and cgroup layout go together',
    needs: [fetchedKernel, fetchedLxc],
    revision: 3,
    weight: 'light',
    shared: true,
    shape: mapOf({ kernel: maybe(isText), lxc: maybe(isText) }),
    inputs: () => {
      const { cgroup, containers, lxc } = build.loaded.profile;
      const { sources: _sources, ...options } = lxc;
      return {
        settings: { cgroup, containers: asSetting(containers), lxc: asSetting(options) },
        files: givenConfigFiles(build),
      };
    },
    outputs: () => [],
    async run(context) {
      const lxcSource = sourceOf(context, fetchedLxc);
      const versions = {
        kernel: await kernelVersion(build, sourceOf(context, fetchedKernel), context),
        lxc: await lxcVersion(build, lxcSource, context),
      };
      const question = await refuseMisfits(build, versions);
      if (question === undefined) return versions;
      const warnings = await refuseContainers(build, question.lxc, [
        'libcap',
        ...build.loaded.profile.lxc.features,
        ...(lxcSource.form === 'debs' ? debianLxcFeatures : []),
      ]);
      for (const message of [
        unsupported(question),
        worksInPart(question),
        ...warnings.map(formatDiagnostic),
      ]) {
        if (message !== undefined) context.emit({ type: 'warning', step: id, message });
      }
      return versions;
    },
  };
}

/** Throws PROFILE_INVALID when what the profile and the command line say of versions cannot go together. */
export async function refuseToldMisfits(build: Build): Promise<void> {
  const { refuseUnmade } = await import('./refuse-unmade.ts');
  refuseUnmade(build);
  const [kernel, lxc] = await Promise.all([toldVersion(build, 'kernel'), toldVersion(build, 'lxc')]);
  const question = await refuseMisfits(build, { kernel: kernel.version, lxc: lxc.version });
  if (question === undefined) return;
  // Only what the command line gives is certain to be compiled; Debian's prebuilt LXC has other features.
  if (build.overrides.has('lxc')) refuseFeatures(build, question.lxc);
  await refuseContainers(build, question.lxc);
}

/**
 * Throws CONTAINER_INVALID for everything that this release of LXC cannot be told of the profile's containers, and for
 * what is wrong with LXC configurations that a person brings to the image. Returns what is only to be warned of.
 */
async function refuseContainers(
  build: Build,
  lxcVersion: string,
  buildFeatures?: readonly string[],
): Promise<readonly Diagnostic[]> {
  const { checkRelease } = await import('../containers/write-settings.ts');
  const { profile, provenance } = build.loaded;
  const target = {
    lxcVersion,
    cgroup: profile.cgroup,
    prefix: profile.lxc.prefix,
    ...(buildFeatures === undefined ? {} : { buildFeatures }),
  };
  const problems = profile.containers.flatMap((container, index) =>
    checkRelease(container, target, (path) => provenance(['containers', index, ...path])),
  );
  const { checkGivenConfigs } = await import('./given-configs.ts');
  const given = checkGivenConfigs(build, target);
  problems.push(...given.errors);
  if (problems.length > 0) throw new DiagnosticsError('CONTAINER_INVALID', problems);
  return given.warnings;
}

/** The version of LXC; a source that is compiled is looked at more closely. */
async function lxcVersion(
  build: Build,
  source: ResolvedSource,
  context: StepContext,
): Promise<string | undefined> {
  if (source.form === 'debs') return versionOfSource(source, undefined);
  const version = await checkLxcSource(
    build,
    source,
    await unpackTree(source, unpackContext(build, context, 'lxc')),
  );
  refuseFeatures(build, version);
  return version;
}

/** What a tree says of its version; for prebuilt packages what Debian calls them. */
async function kernelVersion(
  build: Build,
  source: ResolvedSource,
  context: StepContext,
): Promise<string | undefined> {
  const tree = source.form === 'debs' ? undefined : await unpackKernel(build, source, context);
  return versionOfSource(source, tree);
}

async function refuseMisfits(build: Build, versions: CheckedVersions): Promise<FitQuestion | undefined> {
  const { kernel, lxc } = versions;
  if (lxc === undefined) return undefined;
  const question = { ...describeFit(build.loaded.profile), lxc, ...(kernel === undefined ? {} : { kernel }) };
  const misfits = findMisfits(question);
  if (misfits.length > 0) {
    const told = { kernel: await toldVersion(build, 'kernel'), lxc: await toldVersion(build, 'lxc') };
    throw new DiagnosticsError(
      'PROFILE_INVALID',
      misfits.map((misfit) => diagnose(misfit, build, versions, told)),
    );
  }
  return question;
}

type Told = Readonly<Record<'kernel' | 'lxc', ToldVersion>>;

/** A misfit at the key that a person would change first, with the places of the others. */
function diagnose(misfit: Misfit, build: Build, versions: CheckedVersions, told: Told): Diagnostic {
  const cgroup = keyAt(build, 'cgroup');
  const parts = {
    lxc: {
      location: told.lxc.location,
      says: `LXC ${versions.lxc ?? 'of an unknown version'} is from ${told.lxc.from}`,
    },
    kernel: {
      location: told.kernel.location,
      says: `Linux ${versions.kernel ?? 'of an unknown version'} is from ${told.kernel.from}`,
    },
    cgroup: {
      location: cgroup,
      says: `cgroup ${build.loaded.profile.cgroup} is ${cgroup === undefined ? 'the default' : `from ${cgroup.file}:${cgroup.line}`}`,
    },
  };
  const concerned = {
    'lxc-cgroup': [parts.cgroup, parts.lxc],
    'lxc-kernel': [parts.lxc, parts.kernel],
    'kernel-cgroup': [parts.kernel, parts.cgroup],
  }[misfit.between];
  const location = concerned.find((part) => part.location !== undefined)?.location ?? {
    file: build.displayPath(build.loaded.file),
    line: 1,
    column: 1,
  };
  return {
    location,
    message: [misfit.message, ...concerned.map(({ says }) => `  ${says}`)].join('\n'),
    ...(misfit.help === undefined ? {} : { help: misfit.help }),
  };
}

/** Where the profile says it; undefined where it does not. */
function keyAt(build: Build, key: string): Location | undefined {
  const location = build.loaded.provenance([key]);
  return location.sourceLine === undefined ? undefined : location;
}
