import { basename } from 'node:path';
import { inOut } from '../host/own-folders.ts';
import type { Location } from '../base/diagnostic.ts';
import { KitError } from '../base/errors.ts';
import { isNumber, isText, listOf, mapOf } from '../engine/result-shape.ts';
import type { Step, StepContext, StepView } from '../engine/step.ts';
import { writeAtomic } from '../host/write-atomic.ts';
import { describeFinding, readFinalConfig, type AuditFinding } from '../kconfig/audit-config.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';
import { asSetting, type Build } from '../opened-board/build.ts';
import { checkCommandLine } from '../board-checks/check-command-line.ts';
import type { ConfiguredTree } from '../configuration/configured-tree.ts';
import { versionOfSource, type SourceVersions } from '../opened-board/describe-board.ts';
import { sourceOf } from '../opened-board/component-source.ts';
import type { ReadTree } from '../configuration/read-kconfig-tree.ts';
import { kernelBaseFile, type KernelSpec } from '../configuration/kernel-spec.ts';

/** The facts about a configured kernel that later steps need. */
export interface KernelConfiguration {
  readonly version: string;
  /** How many symbols are =y. */
  readonly symbolsSet: number;
  readonly findings: readonly AuditFinding[];
}

/** How many findings are printed; the report has all of them. */
const MAX_SHOWN = 15;

/** Makes the kernel's final .config from base, fragments and inline values, and compares it with what they ask for. */
export function configureKernel(
  build: Build,
  spec: KernelSpec,
  fetched: Step<ResolvedSource | undefined>,
  fetchedLxc: Step<ResolvedSource | undefined>,
  toolchain: Step<Toolchain>,
  gates: readonly Step[],
): Step<KernelConfiguration> {
  const configFile = inOut(build.outDir, 'config', `${spec.name}.config`);
  const reportFile = inOut(build.outDir, 'config', `${spec.name}.audit.json`);
  const baseFile = kernelBaseFile(build, spec);
  const lxcVersionOf = (view: StepView): Promise<string | undefined> => {
    const source = sourceOf(view, fetchedLxc);
    return versionOfSource(source, source.treeDir);
  };
  const versionsOf = async (view: StepView): Promise<SourceVersions> => ({
    kernel: sourceOf(view, fetched).version,
    lxc: await lxcVersionOf(view),
  });
  return {
    id: `configure-${spec.name}`,
    title: (view) => `Configuring Linux ${sourceOf(view, fetched).version ?? ''} from ${spec.defconfig}`,
    needs: [fetched, toolchain],
    // Only the version of LXC counts here, and only as far as it decides what the kernel needs.
    after: [fetchedLxc],
    gates,
    revision: 4,
    weight: 'light',
    shared: true,
    shape: mapOf({
      version: isText,
      symbolsSet: isNumber,
      findings: listOf(mapOf({ symbol: isText, kind: isText })),
    }),
    inputs: async (view) => {
      const versions = await versionsOf(view);
      return {
        settings: {
          defconfig: baseFile?.shownAs ?? spec.defconfig,
          modules: spec.modules,
          inline: asSetting(spec.inline.lines.map(({ symbol, value }) => [symbol, value])),
          required: asSetting(
            spec
              .required(versions)
              .map(({ symbol, reason, wanted, value }) => [symbol, reason, wanted ?? false, value ?? 'y']),
          ),
          fragments: spec.fragments.map(({ shownAs }) => shownAs),
          derived: asSetting(spec.derivedAt === undefined ? null : derivedSetting(spec, versions)),
        },
        files: Object.fromEntries([
          ...spec.fragments.map(({ file, shownAs }): [string, string] => [shownAs, file]),
          ...(baseFile === undefined ? [] : [['base configuration', baseFile.file] as [string, string]]),
        ]),
      };
    },
    outputs: () => [{ path: configFile }, { path: reportFile }],
    // Keeps the kernel's own conf, which takes a compiler run.
    workKey: (view) => `${sourceOf(view, fetched).sha256} ${view.result(toolchain).identity}`,
    async run(context) {
      const { mergeKernel } = await import('../configuration/merge-kernel.ts');
      const sources = {
        kernel: sourceOf(context, fetched),
        lxcVersion: await lxcVersionOf(context),
      };
      const configured = await mergeKernel(build, spec, sources, context.result(toolchain), context);
      return report(configured, context);
    },
  };

  async function report(configured: ConfiguredTree, context: StepContext): Promise<KernelConfiguration> {
    const { auditTree } = await import('../configuration/audit-tree.ts');
    const { whyNot } = await import('../configuration/explain-loss.ts');
    const { readKconfigTree } = await import('../configuration/read-kconfig-tree.ts');
    const { text } = configured;
    const final = readFinalConfig(text);
    const toolchainUsed = context.result(toolchain);
    const read = (): ReadTree => readKconfigTree(configured, build, toolchainUsed, context.workDir);
    const findings = auditTree(configured, build.architecture.kernelArch, read);
    await writeAtomic(reportFile, `${JSON.stringify(findings, null, 2)}\n`);
    refuseLost(findings, spec.name, {
      board: build.boardArgument,
      logFile: context.logFile,
      explain: (symbol) => whyNot(symbol, read),
    });
    // Adding a limit asks for a symbol, so the step then runs again.
    const location = commandLinePlace(configured);
    for (const message of checkCommandLine(build, { final, location }))
      context.emit({ type: 'warning', step: `configure-${spec.name}`, message });
    warnOf(findings, `configure-${spec.name}`, reportFile, context);
    await writeAtomic(configFile, text);
    return {
      version: /^# Linux\/\S+ (\S+) Kernel Configuration$/m.exec(text)?.[1] ?? 'unknown',
      symbolsSet: [...final.values()].filter((value) => value === 'y').length,
      findings,
    };
  }
}

/** Returns the place where the user wrote the kernel's command line. */
function commandLinePlace({ requests, baseLines }: ConfiguredTree): Location | undefined {
  const symbol = 'CONFIG_CMDLINE';
  return (requests.get(symbol) ?? baseLines.findLast((line) => line.symbol === symbol))?.location;
}

/** The derived fragment for the fingerprint: where it is merged, and the symbols in it. */
function derivedSetting(spec: KernelSpec, versions: SourceVersions): unknown {
  return { at: spec.derivedAt, lines: spec.derive(versions).lines };
}

export interface LossContext {
  /** The value of `--board`. */
  readonly board: string;
  readonly logFile: string;
  /** Explains line by line why a symbol is not set; empty when the reason is unknown. */
  readonly explain: (symbol: string) => readonly string[];
}

/** How many lost symbols are explained at once; `kconfig explain` explains the others. */
const MAX_EXPLAINED = 3;

/** Throws SYMBOL_LOST when a required symbol is among the findings. */
export function refuseLost(
  findings: readonly AuditFinding[],
  name: ConfiguredTree['name'],
  { board, logFile, explain }: LossContext,
): void {
  const lost = findings.filter(({ kind }) => kind === 'required');
  if (lost.length === 0) return;
  const count = lost.length === 1 ? '1 required symbol is' : `${lost.length} required symbols are`;
  const off = lost.every(({ mustBeOff }) => mustBeOff === true);
  const fact = off ? 'on, and must be off, in' : 'not in';
  throw new KitError('SYMBOL_LOST', `${count} ${fact} the final ${name} configuration`, {
    lines: lost.flatMap((finding, index) => [
      describeFinding(finding),
      ...placesOf(finding).map((line) => `  ${line}`),
      ...(index < MAX_EXPLAINED && finding.mustBeOff !== true
        ? explain(finding.symbol).map((line) => `  ${line}`)
        : []),
    ]),
    hint: `to get working lines, run: npx lxc-kit kconfig fix --board ${board}${name === 'kernel' ? '' : ' --emulator'}`,
    logFile,
  });
}

/** Returns the lines of the profile or of a configuration that need a symbol, each with its place. */
function placesOf({ neededAt = [] }: AuditFinding): string[] {
  return neededAt.map(
    ({ file, line, column, sourceLine = '' }) => `${file}:${line}:${column}  ${sourceLine.trim()}`,
  );
}

/** Whether a request has a result that its author could not expect. */
function isWrong({ kind }: AuditFinding): boolean {
  return kind !== 'overridden' && kind !== 'optional' && kind !== 'computed' && kind !== 'dropped';
}

/** Warns of requests that did not get the value they ask for; at most a screenful. Overridden ones are only in the report. */
export function warnOf(
  findings: readonly AuditFinding[],
  step: string,
  reportFile: string,
  context: Pick<StepContext, 'emit'>,
): void {
  const rank = ({ about }: AuditFinding): number =>
    about === 'machine' ? 0 : about === 'containers' ? 1 : 2;
  const wrong = findings.filter(isWrong).sort((a, b) => rank(a) - rank(b));
  for (const finding of wrong.slice(0, MAX_SHOWN)) {
    context.emit({ type: 'warning', step, message: describeFinding(finding) });
  }
  if (wrong.length > MAX_SHOWN) {
    context.emit({
      type: 'warning',
      step,
      message: `${wrong.length - MAX_SHOWN} more such symbols are listed in config/${basename(reportFile)} of the out directory`,
    });
  }
}
