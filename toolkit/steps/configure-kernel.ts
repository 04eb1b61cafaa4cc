import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { didYouMean } from '../base/did-you-mean.ts';
import { DiagnosticsError } from '../base/diagnostic.ts';
import { KitError } from '../base/errors.ts';
import type { Step, StepContext } from '../engine/step.ts';
import { writeAtomic } from '../host/write-atomic.ts';
import { auditConfig, describeFinding, readFinalConfig, type AuditFinding } from '../kconfig/audit-config.ts';
import {
  applyModulePolicy,
  mergedText,
  mergeLayers,
  type Layer,
  type Request,
} from '../kconfig/merge-fragments.ts';
import { parseConfig } from '../kconfig/parse-config.ts';
import { readFragments } from '../kconfig/read-fragment.ts';
import type { ResolvedSource } from '../sources/resolve-source.ts';
import { unpackTree } from '../sources/unpack.ts';
import { versionOfTree } from '../sources/version.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';
import { asSetting, runInStep, sourceContext, type Build } from './build.ts';
import { sourceOf } from './fetch-source.ts';
import type { KernelSpec } from './kernel-spec.ts';

/** What the later steps need to know of a configured kernel. */
export interface KernelConfiguration {
  readonly version: string;
  /** How many symbols are =y. */
  readonly symbolsSet: number;
  readonly findings: readonly AuditFinding[];
}

/** How many findings are shown; the rest are in the report. */
const MAX_SHOWN = 15;

/** Makes the kernel's final .config from base, fragments and inline values, and compares it with what was asked for. */
export function configureKernel(
  build: Build,
  spec: KernelSpec,
  fetched: Step<ResolvedSource | undefined>,
  toolchain: Step<Toolchain>,
): Step<KernelConfiguration> {
  const configFile = join(build.outDir, 'config', `${spec.name}.config`);
  const reportFile = join(build.outDir, 'config', `${spec.name}.audit.json`);
  return {
    id: `configure-${spec.name}`,
    title: (view) => `Configuring Linux ${sourceOf(view, fetched).version ?? ''} from ${spec.defconfig}`,
    needs: [fetched, toolchain],
    revision: 1,
    weight: 'light',
    inputs: (view) => ({
      settings: {
        defconfig: existsSync(spec.defconfig) ? 'a file' : spec.defconfig,
        modules: spec.modules,
        inline: asSetting(spec.inline.lines.map(({ symbol, value }) => [symbol, value])),
        required: asSetting(
          spec.required(sourceOf(view, fetched).version).map(({ symbol, reason }) => [symbol, reason]),
        ),
        fragments: spec.fragments.map(({ shownAs }) => shownAs),
      },
      files: Object.fromEntries([
        ...spec.fragments.map(({ file, shownAs }): [string, string] => [shownAs, file]),
        ...(existsSync(spec.defconfig) ? [['base configuration', spec.defconfig] as [string, string]] : []),
      ]),
    }),
    outputs: () => [{ path: configFile }, { path: reportFile }],
    async run(context) {
      const { layers, problems } = readFragments(spec.fragments);
      if (problems.length > 0) throw new DiagnosticsError('FRAGMENT_INVALID', problems);
      const source = sourceOf(context, fetched);
      const tree = await unpackTree(source, sourceContext(build, context));
      const requests = mergeLayers([OWN_LAYER, ...layers, spec.inline]);
      const make = kernelMake(build, context.result(toolchain), tree, join(context.workDir, 'obj'));
      const base = await baseConfiguration(build, spec, tree, make, context);
      const merged = join(context.workDir, 'merged.config');
      await writeAtomic(merged, mergedText(applyModulePolicy(base, spec.modules), requests));
      // As merge_config.sh: allnoconfig leaves what was not asked for off, alldefconfig gives it its default.
      const target = spec.defconfig === 'allnoconfig' ? 'allnoconfig' : 'alldefconfig';
      await runInStep(build, context, [...make, `KCONFIG_ALLCONFIG=${merged}`, target]);
      const text = readFileSync(join(context.workDir, 'obj', '.config'), 'utf8');
      // A tarball's name may have the version of a vendor; the tree knows better.
      const version = (await versionOfTree('kernel', tree)) ?? source.version;
      return report(requests, text, version, context);
    },
  };

  async function report(
    requests: ReadonlyMap<string, Request>,
    text: string,
    version: string | undefined,
    context: StepContext,
  ): Promise<KernelConfiguration> {
    const final = readFinalConfig(text);
    const findings = auditConfig(requests, final, spec.required(version));
    await writeAtomic(reportFile, `${JSON.stringify(findings, null, 2)}\n`);
    const lost = findings.filter(({ kind }) => kind === 'required');
    if (lost.length > 0) {
      throw new KitError(
        'SYMBOL_LOST',
        `${lost.length === 1 ? '1 required symbol is' : `${lost.length} required symbols are`} not in the final ${spec.name} configuration`,
        {
          lines: lost.map(describeFinding),
          hint: 'ask for it, and for what it depends on, in a fragment or in kernel.config of the profile',
          logFile: context.logFile,
        },
      );
    }
    warnOf(findings, `configure-${spec.name}`, reportFile, context);
    await writeAtomic(configFile, text);
    return {
      version: /^# Linux\/\S+ (\S+) Kernel Configuration$/m.exec(text)?.[1] ?? 'unknown',
      symbolsSet: [...final.values()].filter((value) => value === 'y').length,
      findings,
    };
  }
}

/** The beginning of every call of the kernel's make. */
export function kernelMake(
  build: Build,
  toolchain: Toolchain,
  tree: string,
  objDir: string,
): [string, ...string[]] {
  return [
    'make',
    '-C',
    tree,
    `O=${objDir}`,
    `ARCH=${build.architecture.kernelArch}`,
    `CROSS_COMPILE=${toolchain.prefix}`,
  ];
}

/** Tells about requests that did not come out as asked; at most a screenful. */
export function warnOf(
  findings: readonly AuditFinding[],
  step: string,
  reportFile: string,
  context: Pick<StepContext, 'emit'>,
): void {
  for (const finding of findings.slice(0, MAX_SHOWN)) {
    context.emit({ type: 'warning', step, message: describeFinding(finding) });
  }
  if (findings.length > MAX_SHOWN) {
    context.emit({
      type: 'warning',
      step,
      message: `${findings.length - MAX_SHOWN} more such symbols are listed in ${reportFile}`,
    });
  }
}

/** On in every kernel, unless a fragment or the profile says otherwise: lxc-checkconfig reads /proc/config.gz. */
const OWN_LAYER: Layer = {
  lines: parseConfig('CONFIG_IKCONFIG=y\nCONFIG_IKCONFIG_PROC=y\n', 'lxc-kit').lines,
};

async function baseConfiguration(
  build: Build,
  spec: KernelSpec,
  tree: string,
  make: [string, ...string[]],
  context: StepContext,
): Promise<string> {
  if (spec.defconfig === 'allnoconfig') return '';
  if (existsSync(spec.defconfig) && spec.defconfig.includes('/')) return readFileSync(spec.defconfig, 'utf8');
  const folder = join(tree, 'arch', build.architecture.kernelArch, 'configs');
  const file = join(folder, spec.defconfig);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  if (!existsSync(folder)) {
    throw new KitError(
      'STEP_FAILED',
      `the source of ${spec.name} is not a Linux tree: it has no arch/${build.architecture.kernelArch}/configs`,
      { lines: [`tree: ${tree}`], hint: 'give the tree or the tarball of a release of Linux' },
    );
  }
  const known = readdirSync(folder).filter((name) => name.endsWith('_defconfig'));
  const meant = didYouMean(spec.defconfig, known);
  if (known.length === 0 || !spec.defconfig.endsWith('_defconfig') || meant !== undefined) {
    throw new KitError(
      'PROFILE_INVALID',
      `this kernel has no ${spec.defconfig} in arch/${build.architecture.kernelArch}/configs`,
      {
        hint:
          meant === undefined
            ? `it has ${known.slice(0, 12).join(', ')}${known.length > 12 ? ', …' : ''}`
            : `did you mean "${meant}"?`,
      },
    );
  }
  // Some defconfigs are put together by the makefile, such as MIPS' 32r2el_defconfig.
  await runInStep(build, context, [...make, spec.defconfig]);
  return readFileSync(join(context.workDir, 'obj', '.config'), 'utf8');
}
