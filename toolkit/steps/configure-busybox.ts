import { inOut } from '../host/own-folders.ts';
import { isText, listOf, mapOf } from '../engine/result-shape.ts';
import type { Step } from '../engine/step.ts';
import { writeAtomic } from '../host/write-atomic.ts';
import type { AuditFinding } from '../kconfig/audit-config.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';
import type { Build } from '../opened-board/build.ts';
import { warnOf } from './configure-kernel.ts';
import { correctionSettings, sourceOf } from '../opened-board/component-source.ts';
import { busyboxBaseFile, busyboxFragments, mergeBusybox } from '../configuration/merge-busybox.ts';

export interface BusyboxConfiguration {
  readonly findings: readonly AuditFinding[];
}

/** Makes BusyBox's final .config from its base and fragments, and compares it with what they ask for. */
export function configureBusybox(
  build: Build,
  fetched: Step<ResolvedSource | undefined>,
  toolchain: Step<Toolchain>,
): Step<BusyboxConfiguration> {
  const { busybox } = build.loaded.profile;
  const fragments = busyboxFragments(build);
  const baseFile = busyboxBaseFile(build);
  const configFile = inOut(build.outDir, 'config', 'busybox.config');
  const reportFile = inOut(build.outDir, 'config', 'busybox.audit.json');
  return {
    id: 'configure-busybox',
    title: (view) => `Configuring BusyBox ${sourceOf(view, fetched).version ?? ''}`,
    needs: [fetched, toolchain],
    revision: 3,
    weight: 'light',
    shared: true,
    shape: mapOf({ findings: listOf(mapOf({ symbol: isText, kind: isText })) }),
    inputs: (view) => ({
      settings: {
        ...correctionSettings(sourceOf(view, fetched)),
        config: baseFile === undefined ? busybox.config : build.displayPath(baseFile),
        fragments: fragments.map(({ shownAs }) => shownAs),
      },
      files: Object.fromEntries([
        ...fragments.map(({ file, shownAs }): [string, string] => [shownAs, file]),
        ...(baseFile === undefined ? [] : [['base configuration', baseFile] as [string, string]]),
      ]),
    }),
    outputs: () => [{ path: configFile }, { path: reportFile }],
    async run(context) {
      const source = sourceOf(context, fetched);
      const configured = await mergeBusybox(build, source, context.result(toolchain), context);
      const { auditTree } = await import('../configuration/audit-tree.ts');
      const { readKconfigTree } = await import('../configuration/read-kconfig-tree.ts');
      const findings = auditTree(configured, build.architecture.kernelArch, () =>
        readKconfigTree(configured, build, context.result(toolchain), context.workDir),
      );
      await writeAtomic(reportFile, `${JSON.stringify(findings, null, 2)}\n`);
      warnOf(findings, 'configure-busybox', reportFile, context);
      await writeAtomic(configFile, configured.text);
      return { findings };
    },
  };
}
