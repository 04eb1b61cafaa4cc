import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiagnosticsError } from '../base/diagnostic.ts';
import { shippedPath } from '../base/package-root.ts';
import type { Step } from '../engine/step.ts';
import { writeAtomic } from '../host/write-atomic.ts';
import { auditConfig, readFinalConfig, type AuditFinding } from '../kconfig/audit-config.ts';
import { mergedText, mergeLayers } from '../kconfig/merge-fragments.ts';
import { locateFragment, readFragments } from '../kconfig/read-fragment.ts';
import type { ResolvedSource } from '../sources/resolve-source.ts';
import { unpackTree } from '../sources/unpack.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';
import { reproducibleEnvironment, runInStep, sourceContext, type Build } from './build.ts';
import { kernelMake, warnOf } from './configure-kernel.ts';
import { sourceOf } from './fetch-source.ts';

export interface BusyboxConfiguration {
  readonly findings: readonly AuditFinding[];
}

/**
 * BusyBox's conf has no olddefconfig and asks about every symbol it does not find; an empty answer takes the default.
 * More lines than there are symbols do no harm.
 */
const EMPTY_ANSWERS = '\n'.repeat(5000);

/** Makes BusyBox's final .config from its base and fragments, and compares it with what was asked for. */
export function configureBusybox(
  build: Build,
  fetched: Step<ResolvedSource | undefined>,
  toolchain: Step<Toolchain>,
): Step<BusyboxConfiguration> {
  const { busybox } = build.loaded.profile;
  const folder = { dir: shippedPath('busybox-config'), shownAs: 'busybox-config' };
  const fragments = [build.architecture.busyboxFragment, ...busybox.fragments].map((name) =>
    locateFragment(name, folder, build.displayPath),
  );
  const baseFile = busybox.config.includes('/') ? busybox.config : undefined;
  const configFile = join(build.outDir, 'config', 'busybox.config');
  const reportFile = join(build.outDir, 'config', 'busybox.audit.json');
  return {
    id: 'configure-busybox',
    title: (view) => `Configuring BusyBox ${sourceOf(view, fetched).version ?? ''}`,
    needs: [fetched, toolchain],
    revision: 1,
    weight: 'light',
    inputs: () => ({
      settings: {
        config: baseFile === undefined ? busybox.config : 'a file',
        fragments: fragments.map(({ shownAs }) => shownAs),
      },
      files: Object.fromEntries([
        ...fragments.map(({ file, shownAs }): [string, string] => [shownAs, file]),
        ...(baseFile === undefined ? [] : [['base configuration', baseFile] as [string, string]]),
      ]),
    }),
    outputs: () => [{ path: configFile }, { path: reportFile }],
    async run(context) {
      const { layers, problems } = readFragments(fragments);
      if (problems.length > 0) throw new DiagnosticsError('FRAGMENT_INVALID', problems);
      const tree = await unpackTree(sourceOf(context, fetched), sourceContext(build, context));
      const objDir = join(context.workDir, 'obj');
      const make = kernelMake(build, context.result(toolchain), tree, objDir);
      const env = reproducibleEnvironment(build);
      const dotConfig = join(objDir, '.config');
      await runInStep(build, context, ['mkdir', '-p', objDir]);
      if (baseFile === undefined) await runInStep(build, context, [...make, busybox.config], { env });
      const requests = mergeLayers(layers);
      const base = readFileSync(baseFile ?? dotConfig, 'utf8');
      await writeAtomic(dotConfig, mergedText(base, requests));
      await runInStep(build, context, [...make, 'oldconfig'], { env, input: EMPTY_ANSWERS });
      const text = existsSync(dotConfig) ? readFileSync(dotConfig, 'utf8') : '';
      const findings = auditConfig(requests, readFinalConfig(text), []);
      await writeAtomic(reportFile, `${JSON.stringify(findings, null, 2)}\n`);
      warnOf(findings, 'configure-busybox', reportFile, context);
      await writeAtomic(configFile, text);
      return { findings };
    },
  };
}
