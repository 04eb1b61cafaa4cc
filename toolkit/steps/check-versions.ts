import { DiagnosticsError, formatDiagnostic, type Diagnostic, type Location } from '../base/diagnostic.ts';
import {
  findConflicts,
  unsupported,
  worksInPart,
  type VersionQuestion,
  type Conflict,
} from '../cgroups/version-conflicts.ts';
import { isText, mapOf, maybe } from '../engine/result-shape.ts';
import type { Step, StepContext } from '../engine/step.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import { unpackTree } from '../unpack/unpack.ts';
import { debianLxcFeatures } from '../lxc/options.ts';
import { featuresOf } from '../lxc/recipes.ts';
import { asSetting, type Build } from '../opened-board/build.ts';
import { checkLxcSource, refuseFeatures } from './check-lxc-source.ts';
import { versionQuestion } from '../board-checks/describe-conflicts.ts';
import { versionOfSource } from '../opened-board/describe-board.ts';
import { sourceOf, unpackContext } from '../opened-board/component-source.ts';
import { givenConfigFiles } from '../board-checks/given-configs.ts';
import { declaredVersionOf, type DeclaredVersion } from '../opened-board/declared-versions.ts';
import { unpackKernel } from '../configuration/unpack-kernel.ts';

/** The versions that a board is built from. */
export interface CheckedVersions {
  readonly kernel: string | undefined;
  readonly lxc: string | undefined;
}

/**
 * Stops the build before anything is configured or compiled when LXC, the kernel and the cgroup layout are incompatible.
 * Where the profile states the versions, `refuseIncompatibleVersions` does the same before anything is fetched.
 */
export function checkVersions(
  build: Build,
  fetchedKernel: Step<ResolvedSource | undefined>,
  fetchedLxc: Step<ResolvedSource | undefined>,
): Step<CheckedVersions> {
  const id = 'check-versions';
  return {
    id,
    title: () => 'Checking that LXC, kernel and cgroup layout are compatible',
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
      const question = await refuseConflicts(build, versions);
      if (question === undefined) return versions;
      const warnings = await refuseContainers(build, question.lxc, [
        'libcap',
        ...featuresOf(question.lxc, build.loaded.profile.lxc.features, build.architecture.kernelArch),
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

/** Throws PROFILE_INVALID when the versions in the profile and on the command line are incompatible. */
export async function refuseIncompatibleVersions(build: Build): Promise<void> {
  const { refuseUnmade } = await import('../board-checks/refuse-unmade.ts');
  refuseUnmade(build);
  const [kernel, lxc] = await Promise.all([
    declaredVersionOf(build, 'kernel'),
    declaredVersionOf(build, 'lxc'),
  ]);
  const question = await refuseConflicts(build, { kernel: kernel.version, lxc: lxc.version });
  if (question === undefined) return;
  // Only a source from the command line is certain to be compiled; Debian's prebuilt LXC has other features.
  if (build.overrides.has('lxc')) refuseFeatures(build, question.lxc);
  await refuseContainers(build, question.lxc);
}

/**
 * Throws CONTAINER_INVALID for every container setting that this LXC release does not support, and for the errors in LXC
 * configurations that the user puts into the image. Returns the warnings.
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
  const { checkGivenConfigs } = await import('../board-checks/given-configs.ts');
  const given = checkGivenConfigs(build, target);
  problems.push(...given.errors);
  if (problems.length > 0) throw new DiagnosticsError('CONTAINER_INVALID', problems);
  return given.warnings;
}

/** Returns the version of LXC. A source that is to be compiled is unpacked and checked too. */
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

/** Returns the version that the kernel tree states; for prebuilt packages, Debian's version. */
async function kernelVersion(
  build: Build,
  source: ResolvedSource,
  context: StepContext,
): Promise<string | undefined> {
  const tree = source.form === 'debs' ? undefined : await unpackKernel(build, source, context);
  return versionOfSource(source, tree);
}

async function refuseConflicts(
  build: Build,
  versions: CheckedVersions,
): Promise<VersionQuestion | undefined> {
  const { kernel, lxc } = versions;
  if (lxc === undefined) return undefined;
  const question = {
    ...versionQuestion(build.loaded.profile),
    lxc,
    ...(kernel === undefined ? {} : { kernel }),
  };
  const conflicts = findConflicts(question);
  if (conflicts.length > 0) {
    const declared = {
      kernel: await declaredVersionOf(build, 'kernel'),
      lxc: await declaredVersionOf(build, 'lxc'),
    };
    throw new DiagnosticsError(
      'PROFILE_INVALID',
      conflicts.map((conflict) => diagnose(conflict, build, versions, declared)),
    );
  }
  return question;
}

type Declared = Readonly<Record<'kernel' | 'lxc', DeclaredVersion>>;

/** Describes a conflict at the key that the user would change first, and lists the places of the others. */
function diagnose(
  conflict: Conflict,
  build: Build,
  versions: CheckedVersions,
  declared: Declared,
): Diagnostic {
  const cgroup = keyAt(build, 'cgroup');
  const parts = {
    lxc: {
      location: declared.lxc.location,
      says: `LXC ${versions.lxc ?? 'of an unknown version'} is from ${declared.lxc.from}`,
    },
    kernel: {
      location: declared.kernel.location,
      says: `Linux ${versions.kernel ?? 'of an unknown version'} is from ${declared.kernel.from}`,
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
  }[conflict.between];
  const location = concerned.find((part) => part.location !== undefined)?.location ?? {
    file: build.displayPath(build.loaded.file),
    line: 1,
    column: 1,
  };
  return {
    location,
    message: [conflict.message, ...concerned.map(({ says }) => `  ${says}`)].join('\n'),
    ...(conflict.help === undefined ? {} : { help: conflict.help }),
  };
}

/** Returns the place of a key in the profile; undefined when the profile does not have it. */
function keyAt(build: Build, key: string): Location | undefined {
  const location = build.loaded.provenance([key]);
  return location.sourceLine === undefined ? undefined : location;
}
