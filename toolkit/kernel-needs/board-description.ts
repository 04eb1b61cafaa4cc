import type { Location } from '../base/diagnostic.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import type { HostBridge, HostInterface } from '../board/host-network-schema.ts';
import type { CgroupLayout, ImageKind } from '../board/schema.ts';
import type { Prerequisite, SymbolNeed } from './symbol-need.ts';

/** A container, and what the keys of its LXC configuration come to. */
export interface DescribedContainer {
  readonly definition: ContainerDefinition;
  /** The words of lxc.mount.auto, also those that nobody wrote down. */
  readonly automaticMounts: readonly string[];
  /** Its raw lines and those of the files that it includes, as far as these are known. */
  readonly lines: readonly DescribedLine[];
  /** What it binds of /dev, /proc and /sys, without what is optional or made by something else than the kernel. */
  readonly nodes: readonly { readonly path: string; readonly place?: Location }[];
}

/** A line of an LXC configuration. */
export interface DescribedLine {
  readonly key: string;
  readonly value: string;
  /** What its key needs, without `CONFIG_`. */
  readonly symbols: readonly string[];
  readonly place?: Location;
}

/** All of a board that decides what its kernel needs: what the rules are asked about. */
export interface BoardDescription {
  readonly kernelVersion: string;
  readonly lxcVersion: string;
  readonly containers: readonly DescribedContainer[];
  readonly cgroup: CgroupLayout;
  /** The networks of the device itself. */
  readonly bridges: readonly HostBridge[];
  readonly interfaces: readonly HostInterface[];
  readonly architecture: { readonly needs: readonly SymbolNeed[] };
  /** Those whose root filesystem this kernel mounts. */
  readonly images: readonly { readonly kind: ImageKind; readonly needs: readonly SymbolNeed[] }[];
  /** The emulated machine that this kernel runs on; undefined when it runs only on the board. */
  readonly machine:
    { readonly needs: readonly SymbolNeed[]; readonly prerequisites: readonly Prerequisite[] } | undefined;
  /** Whether the configuration starts from allnoconfig: what nobody asks for is off. */
  readonly fromNothing: boolean;
}
