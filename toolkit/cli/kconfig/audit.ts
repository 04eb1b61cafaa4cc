import { countFindings, formatAudit } from '../../kconfig/format-audit.ts';
import { requestsWithBase } from '../../configuration/audit-base.ts';
import { auditTree } from '../../configuration/audit-tree.ts';
import { addLossCauses, mayBeFixed } from '../../configuration/loss-causes.ts';
import { whyNot } from '../../configuration/explain-loss.ts';
import { refuseLost } from '../../steps/configure-kernel.ts';
import { print } from '../terminal.ts';
import { withConfiguredTree, type TreeOptions } from './open-tree.ts';

/**
 * `lxc-kit kconfig audit`: the final value of every requested symbol, without building anything.
 * Throws SYMBOL_LOST when a required one is not set; the table is printed first.
 */
export async function audit(options: TreeOptions & { readonly json?: boolean }): Promise<void> {
  await withConfiguredTree(options, ({ configured, build, context, read }) => {
    const { name, version } = configured;
    const requests = requestsWithBase(configured);
    const findings = addLossCauses(auditTree(configured, build.architecture.kernelArch, read), read);
    const counts = countFindings(findings);
    const board = build.loaded.profile.name;
    if (options.json === true) {
      const report = { board, tree: name, version, asked: requests.size, counts, findings };
      print(JSON.stringify(report, null, 2));
    } else {
      const wrong = new Set(findings.filter(({ kind }) => kind !== 'overridden').map(({ symbol }) => symbol));
      const fulfilled = [...requests.keys()].filter((symbol) => !wrong.has(symbol)).length;
      const all = `${requests.size} symbol${requests.size === 1 ? '' : 's'} asked for`;
      print(`${board}, ${name} ${version ?? ''}: ${all}, ${fulfilled} came out as asked`);
      if (findings.length > 0) print(`\n${formatAudit(findings)}`);
      if (mayBeFixed(findings))
        print(
          `\nto get working lines, run: npx lxc-kit kconfig fix --board ${build.boardArgument}${treeOption(name)}`,
        );
    }
    refuseLost(findings, name, {
      board: build.boardArgument,
      logFile: context.logFile,
      explain: (symbol) => whyNot(symbol, read),
    });
    return Promise.resolve();
  });
}

function treeOption(name: string): string {
  return name === 'busybox' ? ' --busybox' : name === 'emulator-kernel' ? ' --emulator' : '';
}
