import { compareVersions } from '../base/compare-versions.ts';
import type { Capability } from '../base/linux-names.ts';
import { profileSyntax, type ProfileSyntax } from './profile-syntax.ts';
import {
  allowedCalls,
  conditionalCalls,
  filteredCalls,
  UNFILTERABLE_CLONE,
  type ArgumentCondition,
  type CallTraits,
  type FilteredCall,
  type SystemCalls,
} from './system-calls.ts';

/** The facts that a container's profile depends on. */
export interface ProfileTarget {
  readonly lxcVersion: string;
  /** The oldest kernel that the container runs on. */
  readonly kernelVersion: string;
  /** `ARCH=` of the kernel. */
  readonly kernelArch: string;
  readonly traits: CallTraits;
  /** The capabilities that the container keeps. */
  readonly capabilities: readonly Capability[];
  /** `allow`: everything else is refused; `deny`: everything else is allowed. */
  readonly list: 'allow' | 'deny';
}

/** EPERM is 1 on every architecture (the kernel's include/uapi/asm-generic/errno-base.h). */
const REFUSED = 'errno 1';

/**
 * Returns a seccomp profile in LXC's format of version 2 (lxc.container.conf(5), SECCOMP CONFIGURATION). Known calls
 * that the container may not make get EPERM. In an allow list a call that no row has gets ENOSYS, for which programs
 * are prepared: it is what an older kernel would say.
 */
export function writeSeccompProfile(target: ProfileTarget): string {
  const { words, argumentFilters } = profileSyntax(target.lxcVersion);
  const { enosys } = target.traits;
  const lines =
    target.list === 'allow'
      ? [`${words.allow} errno ${enosys}`, '[all]', ...allowLines(target, { argumentFilters })]
      : [`${words.deny} allow`, '[all]', ...denyLines(target, { argumentFilters })];
  return `${['2', ...lines].join('\n')}\n`;
}

type Filters = Pick<ProfileSyntax, 'argumentFilters'>;

function allowLines(target: ProfileTarget, syntax: Filters): string[] {
  const { allowed, refused } = sortCalls(target);
  const filtered = filteredCalls(target.traits).flatMap((call) => {
    if (isUnfiltered(call, target)) return [call.call];
    if (canFilter(call, target, syntax))
      return call.allowed.map((one) => `${call.call} allow ${condition(one)}`);
    return call.otherwise === 'allow' ? [call.call] : [`${call.call} ${REFUSED}`];
  });
  return [...allowed, ...filtered, ...refused.map((call) => `${call} ${REFUSED}`)];
}

function denyLines(target: ProfileTarget, syntax: Filters): string[] {
  const filtered = filteredCalls(target.traits).flatMap((call) => {
    if (isUnfiltered(call, target)) return [];
    if (canFilter(call, target, syntax))
      return call.denied.map((one) => `${call.call} ${REFUSED} ${condition(one)}`);
    return call.otherwise === 'allow' ? [] : [`${call.call} ${REFUSED}`];
  });
  return [
    `${UNFILTERABLE_CLONE} errno ${target.traits.enosys}`,
    ...filtered,
    ...sortCalls(target).refused.map((call) => `${call} ${REFUSED}`),
  ];
}

/** Returns the calls without conditions of arguments that a container may make, and the known ones that it may not. */
function sortCalls({ kernelVersion, kernelArch, traits, capabilities }: ProfileTarget): {
  readonly allowed: readonly string[];
  readonly refused: readonly string[];
} {
  const exists = ({ kernelArchs, multiplexed }: SystemCalls): boolean =>
    (kernelArchs?.includes(kernelArch) ?? true) && (multiplexed === undefined || traits.multiplexed);
  const isAllowed = ({ capabilities: needed = [], sinceKernel }: SystemCalls): boolean =>
    needed.some((one) => capabilities.includes(one)) ||
    (sinceKernel !== undefined && compareVersions(kernelVersion, sinceKernel) >= 0);
  const namesOf = (rows: readonly SystemCalls[]): string[] =>
    rows.filter(exists).flatMap(({ calls }) => calls);
  return {
    allowed: namesOf([...allowedCalls, ...conditionalCalls.filter(isAllowed)]).sort(),
    refused: namesOf(conditionalCalls.filter((row) => !isAllowed(row))).sort(),
  };
}

function isUnfiltered({ capability }: FilteredCall, { capabilities }: ProfileTarget): boolean {
  return capability !== undefined && capabilities.includes(capability);
}

function canFilter({ socket }: FilteredCall, { traits }: ProfileTarget, syntax: Filters): boolean {
  return syntax.argumentFilters && !(socket === true && traits.multiplexed);
}

const OPERATORS: Readonly<Record<ArgumentCondition['is'], string>> = {
  equal: 'SCMP_CMP_EQ',
  other: 'SCMP_CMP_NE',
  less: 'SCMP_CMP_LT',
  masked: 'SCMP_CMP_MASKED_EQ',
};

/** `[index,value,operator,mask]`, as get_seccomp_arg_value() in LXC's seccomp.c reads it. */
function condition({ argument, is, value, mask }: ArgumentCondition): string {
  return `[${[argument, value, OPERATORS[is], ...(mask === undefined ? [] : [mask])].join(',')}]`;
}
