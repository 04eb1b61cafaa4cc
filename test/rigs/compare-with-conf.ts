import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runShell } from '../../toolkit/host/run-shell.ts';
import { configLineOf, readConfigValues } from '../../toolkit/kconfig-tree/config-values.ts';
import type { KconfigTree } from '../../toolkit/kconfig-tree/menu-tree.ts';
import { readKconfig } from '../../toolkit/kconfig-tree/read-kconfig.ts';
import { SymbolValues } from '../../toolkit/kconfig-tree/symbol-values.ts';
import type { ConfMode, KernelConf } from './kernel-conf.ts';

/** How conf and we saw the same tree. */
export type Comparison =
  /** conf refuses the tree, and says why; an end by a signal counts too. */
  | { readonly kind: 'refused'; readonly stderr: string }
  | {
      readonly kind: 'compared';
      /** `conf: CONFIG_A=y`, `ours: # CONFIG_A is not set`, `problem: 3 …`; none when all is the same. */
      readonly differences: readonly string[];
      /** How many lines the .config has. */
      readonly lineCount: number;
    };

/** Compares the .config that conf writes for the Kconfig file of a directory with the one that we predict. */
export function compareWithConf(
  conf: KernelConf,
  mode: ConfMode,
  kconfigDir: string,
  requests = '',
): Comparison {
  const scratch = mkdtempSync(join(tmpdir(), 'lxc-kit-requests-'));
  try {
    const requestsFile = join(scratch, 'requests.config');
    writeFileSync(requestsFile, requests);
    const { config, stderr } = conf.run(mode, kconfigDir, { requestsFile });
    if (config === undefined) return { kind: 'refused', stderr };
    const tree = readAsKernel(conf, kconfigDir);
    const theirs = configLines(config);
    const ours = foretoldLines(tree, conf, mode, requests);
    const differences = [
      ...tree.problems.map(({ place, message }) => `problem: ${place.line} ${message}`),
      ...theirs.filter((line) => !ours.includes(line)).map((line) => `conf: ${line}`),
      ...ours.filter((line) => !theirs.includes(line)).map((line) => `ours: ${line}`),
    ];
    return { kind: 'compared', differences, lineCount: theirs.length };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Reads the Kconfig file of a directory as that of a kernel of this version. */
export function readAsKernel({ dialect }: KernelConf, kconfigDir: string): KconfigTree {
  const environment = { srctree: kconfigDir };
  return readKconfig({
    roots: [kconfigDir],
    topFile: 'Kconfig',
    dialect,
    environment,
    shell: (command) =>
      runShell(command, { cwd: kconfigDir, env: { ...environment, PATH: process.env['PATH'] ?? '' } }),
  });
}

/** The lines of the .config that conf should write. */
function foretoldLines(
  tree: KconfigTree,
  { dialect }: KernelConf,
  mode: ConfMode,
  requests: string,
): string[] {
  const values = new SymbolValues(tree, {
    requested: readConfigValues(requests),
    unset: mode === 'allnoconfig' ? 'n' : 'default',
    dialect,
  });
  return [...tree.symbols.values()]
    .filter((symbol) => symbol.nodes.length > 0 && values.written(symbol))
    .map((symbol) => configLineOf(symbol.name, values.text(symbol), symbol.type === 'string'));
}

function configLines(config: string): string[] {
  return config.split('\n').filter((line) => /^(?:# )?CONFIG_/.test(line));
}
