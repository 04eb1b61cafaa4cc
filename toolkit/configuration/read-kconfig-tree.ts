import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { KitError } from '../base/errors.ts';
import { runShell } from '../host/run-shell.ts';
import { configLineOf, readConfigValues } from '../kconfig-tree/config-values.ts';
import { dialectOf } from '../kconfig-tree/conf-dialects.ts';
import type { KconfigTree } from '../kconfig-tree/menu-tree.ts';
import type { FixInput, Wanted } from '../kconfig-advice/fix-input.ts';
import { readKconfig } from '../kconfig-tree/read-kconfig.ts';
import { SymbolValues } from '../kconfig-tree/symbol-values.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';
import type { Build } from '../opened-board/build.ts';
import type { ConfiguredTree } from './configured-tree.ts';

/** A configured tree together with the contents of its Kconfig files. */
export interface ReadTree extends FixInput {
  readonly configured: ConfiguredTree;
  /** The final values, as conf computed them. */
  readonly values: SymbolValues;
  /** Adds lines to the requests, runs the tree's conf, and returns the final values. */
  readonly configureWith: (lines: readonly Wanted[]) => Promise<ReadonlyMap<string, string>>;
}

/** Reads the Kconfig files of a configured tree. Throws STEP_FAILED when there are none. */
export function readKconfigTree(
  configured: ConfiguredTree,
  build: Build,
  toolchain: Toolchain,
  workDir: string,
): ReadTree {
  const component = configured.name === 'busybox' ? 'busybox' : 'kernel';
  const dialect = dialectOf(component, configured.version);
  const final = readConfigValues(configured.text);
  const environment = kconfigEnvironment(configured, build, toolchain, final);
  const topFile = topFileOf(configured, environment);
  const tree = readKconfig({
    // BusyBox's make writes most of its Config.in files into the object directory.
    roots: [configured.objDir, configured.tree],
    topFile,
    dialect,
    environment,
    shell: (command) => runShell(command, { cwd: workDir, env: { ...build.env, ...environment } }),
  });
  if (tree.symbols.size === 0) {
    throw new KitError('STEP_FAILED', `${configured.tree} has no ${topFile} that can be read`, {
      hint: 'give the tree or the tarball of a release',
    });
  }
  const base = readConfigValues(configured.base);
  const asked = new Map(
    [...configured.requests.values()].map(({ symbol, value }) => [bare(symbol), textOf(value)]),
  );
  const requested = new Map([...base, ...asked]);
  const values = new SymbolValues(tree, { requested, unset: configured.unset, dialect, final });
  const configureWith = async (lines: readonly Wanted[]): Promise<ReadonlyMap<string, string>> => {
    const text = lines.map((line) => formatLine(tree, line)).join('\n');
    return readConfigValues(await configured.configure(`${configured.merged.trimEnd()}\n${text}\n`));
  };
  const required = new Set(
    configured.required
      .filter((need) => need.value !== 'n' && need.onlyWith === undefined)
      .map((need) => bare(need.symbol)),
  );
  const { unset } = configured;
  return { configured, tree, dialect, unset, base, asked, required, final, values, configureWith };
}

/** Before Linux 2.6.37 there was no top-level Kconfig: each architecture had its own. */
function topFileOf({ name, tree }: ConfiguredTree, { SRCARCH }: Readonly<Record<string, string>>): string {
  if (name === 'busybox') return 'Config.in';
  const ofArchitecture = `arch/${SRCARCH ?? ''}/Kconfig`;
  return existsSync(join(tree, 'Kconfig')) || !existsSync(join(tree, ofArchitecture))
    ? 'Kconfig'
    : ofArchitecture;
}

/** Formats a symbol as a line of a fragment. */
export function formatLine(tree: KconfigTree, { symbol, value }: Wanted): string {
  return configLineOf(symbol, value, tree.symbols.get(symbol)?.type === 'string');
}

/** `CONFIG_VETH` without its prefix, as in the Kconfig files. */
export function bare(symbol: string): string {
  return symbol.replace(/^CONFIG_/, '');
}

/** Says in words where a symbol is asked for; the defconfig counts too. */
export function askedForIn({ configured, base, asked }: ReadTree): (name: string) => string | undefined {
  return (name) => {
    const request = configured.requests.get(`CONFIG_${name}`);
    if (request !== undefined) {
      const { file, line } = request.location;
      return `=${asked.get(name) ?? ''} in ${file === 'lxc-kit' ? 'every board by lxc-kit' : `${file}:${line}`}`;
    }
    const value = base.get(name);
    return value === undefined ? undefined : `=${value} by the defconfig`;
  };
}

function textOf(value: string): string {
  return readConfigValues(`CONFIG_X=${value}`).get('X') ?? value;
}

/** The variables that the top makefiles export for conf. */
function kconfigEnvironment(
  { tree, objDir, version }: ConfiguredTree,
  build: Build,
  toolchain: Toolchain,
  final: ReadonlyMap<string, string>,
): Record<string, string> {
  const arch = build.architecture.kernelArch;
  const tool = (name: string): string => `${toolchain.prefix}${name}`;
  return {
    ARCH: arch,
    SRCARCH: arch,
    srctree: tree,
    objtree: objDir,
    KERNELVERSION: version ?? '',
    CC: tool('gcc'),
    LD: tool('ld'),
    NM: tool('nm'),
    AR: tool('ar'),
    OBJCOPY: tool('objcopy'),
    HOSTCC: 'gcc',
    HOSTCXX: 'g++',
    RUSTC: 'rustc',
    BINDGEN: 'bindgen',
    PAHOLE: 'pahole',
    CONFIG_SHELL: 'sh',
    // The makefiles ask the compilers for these; the answers are in the final .config.
    ...Object.fromEntries(
      ['CC_VERSION_TEXT', 'RUSTC_VERSION_TEXT', 'PAHOLE_VERSION'].map((name) => [
        name,
        final.get(name) ?? '',
      ]),
    ),
  };
}
