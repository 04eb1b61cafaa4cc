import type { VersionRange } from '../base/compare-versions.ts';
import { hasContainers, type Rule } from './rule.ts';

/** A hardware random number generator, and the symbol of the processor or board that has it. */
interface RandomSource extends VersionRange {
  /** Without `CONFIG_`, as is `driver`. */
  readonly on: string;
  readonly driver: string;
}

/*
 * Generators of 32-bit MIPS, by the `depends on` of drivers/char/hw_random/Kconfig of Linux 4.4 to 7.2. The kernel trusts
 * the entropy from their drivers, so its own generator is ready when init starts.
 */
const randomSources: readonly RandomSource[] = [
  { on: 'BCM63XX', driver: 'HW_RANDOM_BCM63XX', since: '3.10', until: '4.15' },
  { on: 'BCM63XX', driver: 'HW_RANDOM_BCM2835', since: '4.16' },
  { on: 'BMIPS_GENERIC', driver: 'HW_RANDOM_BCM63XX', since: '4.2', until: '4.15' },
  { on: 'BMIPS_GENERIC', driver: 'HW_RANDOM_BCM2835', since: '4.16' },
  { on: 'MACH_JZ4780', driver: 'HW_RANDOM_INGENIC_RNG', since: '5.8' },
  { on: 'MACH_X1000', driver: 'HW_RANDOM_INGENIC_RNG', since: '5.8' },
  { on: 'MACH_X1830', driver: 'HW_RANDOM_INGENIC_TRNG', since: '5.10' },
  { on: 'MACH_PIC32', driver: 'HW_RANDOM_PIC32', since: '4.6' },
];

/**
 * From 3.0.4 on, LXC reads /dev/urandom for /dev/.lxc-boot-id when it starts the first container of a boot. Until the
 * kernel has its seed, that keeps a processor busy for hundreds of timer ticks (try_to_generate_entropy() in
 * drivers/char/random.c).
 */
export const randomRules: readonly Rule[] = [
  {
    symbols: ['HW_RANDOM'],
    reason: 'random numbers, so that the first container does not wait for them',
    lxc: { since: '3.0.4' },
    wanted: true,
    when: hasContainers,
  },
  ...randomSources.map(({ on, driver, ...range }): Rule => ({
    symbols: [driver],
    reason: `the random number generator of ${on}`,
    ...range,
    lxc: { since: '3.0.4' },
    onlyWith: on,
    wanted: true,
    when: hasContainers,
  })),
];
