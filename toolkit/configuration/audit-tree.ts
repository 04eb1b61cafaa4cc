import { auditConfig, readFinalConfig, type AuditFinding } from '../kconfig/audit-config.ts';
import { findDeclaredSymbols } from '../kconfig/declared-symbols.ts';
import { adviseFindings } from '../kconfig/symbol-advice.ts';
import { classifyBase, requestsWithBase } from './audit-base.ts';
import type { ConfiguredTree } from './configured-tree.ts';
import type { ReadTree } from './read-kconfig-tree.ts';

/**
 * Compares the requests with the configuration that the tree's conf made, and adds advice for symbols that the tree does
 * not have. The user's base file is the first layer. `kernelArch` is the kernel's name for the architecture; `read`
 * reads the tree's Kconfig files, and is called only when that file lost something.
 */
export function auditTree(
  configured: ConfiguredTree,
  kernelArch: string,
  read: () => ReadTree,
): AuditFinding[] {
  const { name, tree, objDir, text, required, version } = configured;
  const requests = requestsWithBase(configured);
  // BusyBox writes its Config.in files into the object directory, from comments in its sources; it has no architectures.
  const declared =
    name === 'busybox' ? findDeclaredSymbols([tree, objDir]) : findDeclaredSymbols([tree], kernelArch);
  const final = readFinalConfig(text);
  const findings = auditConfig(requests, final, required, declared.has);
  const advised =
    name === 'busybox' || version === undefined
      ? findings
      : adviseFindings(findings, final, version, declared.has);
  const classified = classifyBase(advised, configured, kernelArch, read);
  return classified.map((finding) => {
    if (finding.inTree !== false || finding.advice !== undefined || finding.kind === 'computed')
      return finding;
    const advice = declared.describeAbsent(finding.symbol);
    return advice === undefined ? finding : { ...finding, advice };
  });
}
