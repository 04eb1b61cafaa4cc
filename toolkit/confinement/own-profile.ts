import { CAPABILITIES, type Capability } from '../base/linux-names.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { writeSeccompProfile } from '../seccomp/write-profile.ts';
import type { Architecture } from '../toolchain/architectures.ts';
import { seccompFileOf } from './default-measures.ts';
import type { ConfiningDevice } from './measure.ts';

/** Whether a fitted container has the seccomp profile that lxc-kit writes for it. */
export function hasOwnProfile(container: ContainerDefinition): boolean {
  return container.seccomp === seccompFileOf(container);
}

/**
 * Returns the text of a container's seccomp profile. An LXC that is compiled here can have allow lists on every
 * architecture; a prebuilt one forbids the multiplexed calls with them, and gets a deny list.
 */
export function profileOf(
  container: ContainerDefinition,
  { kernelArch, elf, systemCalls }: Pick<Architecture, 'kernelArch' | 'elf' | 'systemCalls'>,
  { kernelVersion, lxcVersion }: Pick<ConfiningDevice, 'kernelVersion' | 'lxcVersion'>,
  compiled: boolean,
): string {
  return writeSeccompProfile({
    lxcVersion,
    kernelVersion,
    kernelArch,
    traits: { bits: elf.bits, ...systemCalls },
    capabilities: keptCapabilities(container),
    list: compiled || !systemCalls.multiplexed ? 'allow' : 'deny',
  });
}

function keptCapabilities({ capabilities }: ContainerDefinition): readonly Capability[] {
  const { keep, drop = [] } = capabilities ?? {};
  return keep ?? CAPABILITIES.filter((one) => !drop.includes(one));
}
