import { describeRange, inVersionRange } from '../base/compare-versions.ts';
import { cgroupLayouts } from '../cgroups/layouts.ts';
import { joinWords } from '../base/join-words.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import type { ProblemList } from '../lxc-keys/problem-list.ts';
import { escapeClasses, type ConfiningDevice, type EscapeClass, type Measure } from './measure.ts';
import { measures } from './measures.ts';

/** A measure that a container does not have. */
export interface MissingMeasure {
  readonly measure: string;
  /** Why, in words: `the kernel has no CONFIG_USER_NS`, or `privileged: true`. */
  readonly why: string;
  /** Whether the definition declines it in so many words. */
  readonly chosen: boolean;
  /** The attempts by its root that nothing stops for that. */
  readonly open: readonly EscapeClass[];
  /** All of it as a sentence, with the container's name. */
  readonly message: string;
}

export interface FittedContainer {
  /** The definition without what the device cannot do. */
  readonly container: ContainerDefinition;
  readonly missing: readonly MissingMeasure[];
}

/**
 * Fits a container to its device: leaves out each measure that the kernel or LXC does not have, and says what that
 * leaves open. A measure that the definition asks for in so many words is a problem instead.
 */
export function fitDevice(
  container: ContainerDefinition,
  device: ConfiningDevice,
  problems: ProblemList,
  table: readonly Measure[] = measures,
): FittedContainer {
  let fitted = container;
  const missing: MissingMeasure[] = [];
  for (const measure of table) {
    const wish = measure.wish(container);
    if (wish === 'own') continue;
    const why = wish === 'declined' ? measure.decline : whyNot(measure, device);
    if (why === undefined) {
      if (wish !== 'declined') fitted = measure.add?.(fitted, device) ?? fitted;
      continue;
    }
    if (wish === 'asked') {
      problems.error(
        [measure.key],
        `${container.name} needs ${measure.what}, and ${why}`,
        `${remedy(measure, device)}, or write "${measure.decline}" if you accept that ${measure.without}`,
      );
      continue;
    }
    if (wish === 'default') fitted = measure.drop(fitted);
    missing.push({
      measure: measure.name,
      why,
      chosen: wish === 'declined',
      open: measure.stops,
      message: messageOf(container, measure, why, wish === 'declined'),
    });
  }
  return { container: fitted, missing };
}

/** Why a device does not have a measure; undefined when it does. */
function whyNot(measure: Measure, device: ConfiningDevice): string | undefined {
  const { kernel, lxc, lacks } = measure;
  const { kernelVersion, lxcVersion, hasSymbol } = device;
  if (!inVersionRange(kernelVersion, kernel))
    return `Linux ${kernelVersion} does not have it; ${describeRange(kernel)} do`;
  const lost = symbolsOf(measure, device)
    .filter((symbol) => !hasSymbol(symbol))
    .map((symbol) => `CONFIG_${symbol}`);
  if (lost.length > 0) return `the kernel has no ${joinWords(lost, 'and')}`;
  if (!inVersionRange(lxcVersion, lxc)) return `LXC ${lxcVersion} does not have it; ${describeRange(lxc)} do`;
  return lacks?.(device);
}

function symbolsOf({ symbols, layoutSymbols }: Measure, { cgroup }: ConfiningDevice): readonly string[] {
  return [...symbols, ...(layoutSymbols?.[cgroupLayouts[cgroup].version] ?? [])];
}

function remedy(measure: Measure, device: ConfiningDevice): string {
  const { kernel, lxc, lacks } = measure;
  const { kernelVersion, lxcVersion, hasSymbol } = device;
  if (!inVersionRange(kernelVersion, kernel)) return `use Linux ${kernel.since ?? ''} or later`;
  if (!inVersionRange(lxcVersion, lxc)) return `use LXC ${lxc.since ?? ''} or later`;
  const lost = symbolsOf(measure, device).filter((symbol) => !hasSymbol(symbol));
  if (lost.length === 0 && lacks !== undefined) return 'use another LXC or layout';
  return `set ${joinWords(
    lost.map((symbol) => `CONFIG_${symbol}=y`),
    'and',
  )} in kernel.config`;
}

function messageOf(
  { name }: ContainerDefinition,
  { what, without, stops }: Measure,
  why: string,
  chosen: boolean,
): string {
  const open = joinWords(
    stops.map((one) => escapeClasses[one]),
    'and',
  );
  return `container ${name} runs without ${what} (${why}): ${without}${chosen ? '' : `, and these stay open to it: ${open}`}`;
}
