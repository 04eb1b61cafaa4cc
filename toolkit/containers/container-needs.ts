import type { ContainerDefinition } from '../board/container-schema.ts';
import { cgroupLayouts, type CgroupLayout } from './cgroup-settings.ts';
import { inVersionRange } from '../base/compare-versions.ts';
import { findKeyOfAnyRelease } from './key-table.ts';
import { fileSystemSymbols, kernelRules, type KernelRule } from './kernel-rules.ts';
import { parseConfigLine } from './parse-config-line.ts';

/** A kernel symbol without which a container does not start, or does less than its definition says. */
export interface KernelSymbolNeed {
  /** With its `CONFIG_`. */
  readonly symbol: string;
  /** What needs it, and in which containers: "veth interface (container1, web)". */
  readonly reason: string;
}

/**
 * The kernel symbols that containers need, sorted, each once with all its reasons. Without a kernel version,
 * those that only older or only newer kernels ask for are left out.
 */
export function kernelNeeds(
  containers: readonly ContainerDefinition[],
  cgroup: CgroupLayout,
  kernelVersion?: string,
): KernelSymbolNeed[] {
  const { version } = cgroupLayouts[cgroup];
  const needs = new Map<string, Map<string, string[]>>();
  function need(symbol: string, feature: string, container: string): void {
    const features = needs.get(symbol) ?? new Map<string, string[]>();
    needs.set(symbol, features.set(feature, [...(features.get(feature) ?? []), container]));
  }
  for (const container of containers) {
    for (const rule of kernelRules) {
      if (!appliesTo(rule, kernelVersion) || !rule.when(container, version)) continue;
      for (const symbol of rule.symbols) need(symbol, rule.feature, container.name);
    }
    for (const [symbol, feature] of [...mountNeeds(container), ...rawNeeds(container)])
      need(symbol, feature, container.name);
  }
  return [...needs.keys()].sort().map((symbol) => ({
    symbol: `CONFIG_${symbol}`,
    reason: [...(needs.get(symbol) ?? [])].map(([feature, names]) => inWords(feature, names)).join(', '),
  }));
}

function appliesTo(rule: KernelRule, kernelVersion: string | undefined): boolean {
  if (kernelVersion !== undefined) return inVersionRange(kernelVersion, rule);
  return rule.since === undefined && rule.until === undefined;
}

function mountNeeds({ mounts }: ContainerDefinition): [symbol: string, feature: string][] {
  return mounts.flatMap(({ type }) => {
    const symbol = fileSystemSymbols[type];
    return symbol === undefined ? [] : [[symbol, `${type} mount`]];
  });
}

function rawNeeds({ raw }: ContainerDefinition): [symbol: string, feature: string][] {
  return raw.flatMap((text) => {
    const line = parseConfigLine(text);
    if (line.kind !== 'setting') return [];
    const symbols = findKeyOfAnyRelease(line.key)?.kernel ?? [];
    return symbols.map((symbol): [string, string] => [symbol, line.key]);
  });
}

function inWords(feature: string, containers: readonly string[]): string {
  return feature === 'every container' ? feature : `${feature} (${[...new Set(containers)].join(', ')})`;
}
