import type { Concept } from '../lxc-keys/concept-keys.ts';

interface LayoutFacts {
  readonly version: 'v1' | 'v2';
  /** The key family of the settings. */
  readonly concept: Concept;
}

/**
 * How a board can mount the cgroup file systems: `v1-single` has all controllers of v1 in one hierarchy.
 * lxc-compatibility.ts says which LXC releases work on each.
 */
export const cgroupLayouts = {
  v2: { version: 'v2', concept: 'cgroup-v2' },
  v1: { version: 'v1', concept: 'cgroup-v1' },
  'v1-single': { version: 'v1', concept: 'cgroup-v1' },
} as const satisfies Record<string, LayoutFacts>;

export type CgroupLayout = keyof typeof cgroupLayouts;

/** The layouts, in the order in which lxc-kit prefers them. */
export const layoutNames = Object.keys(cgroupLayouts) as [CgroupLayout, ...CgroupLayout[]];
