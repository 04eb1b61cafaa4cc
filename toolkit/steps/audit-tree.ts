import { auditConfig, readFinalConfig, type AuditFinding } from '../kconfig/audit-config.ts';
import { findDeclaredSymbols } from '../kconfig/declared-symbols.ts';
import { adviseFindings } from '../kconfig/symbol-advice.ts';
import type { ConfiguredTree } from './configured-tree.ts';

/**
 * Compares what was asked of a tree with what its conf made of it, and says what to do about symbols that it does not
 * have. `kernelArch` is the kernel's name of the architecture.
 */
export function auditTree(configured: ConfiguredTree, kernelArch: string): AuditFinding[] {
  const { name, tree, objDir, requests, text, required, version } = configured;
  // BusyBox writes its Config.in files into the object directory, from comments in its sources; it has no architectures.
  const declared =
    name === 'busybox' ? findDeclaredSymbols([tree, objDir]) : findDeclaredSymbols([tree], kernelArch);
  const findings = auditConfig(requests, readFinalConfig(text), required, declared.has);
  const advised =
    name === 'busybox' || version === undefined ? findings : adviseFindings(findings, version, declared.has);
  return advised.map((finding) => {
    if (finding.inTree !== false || finding.advice !== undefined) return finding;
    const advice = declared.describeAbsent(finding.symbol);
    return advice === undefined ? finding : { ...finding, advice };
  });
}
