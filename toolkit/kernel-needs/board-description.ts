import type { Location } from '../base/diagnostic.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import type { HostBridge, HostInterface } from '../board/host-network-schema.ts';
import type { BoardProfile } from '../board/schema.ts';
import type { Prerequisite, SymbolNeed } from './symbol-need.ts';

/** A container, with the effective settings of its LXC configuration. */
export interface DescribedContainer {
  readonly definition: ContainerDefinition;
  /** The needs of the image that holds its root filesystem; none without an image. */
  readonly imageNeeds: readonly SymbolNeed[];
  /** The words of lxc.mount.auto, including the defaults. */
  readonly automaticMounts: readonly string[];
  /** Its raw lines and those of the files that it includes, as far as these are known. */
  readonly lines: readonly DescribedLine[];
  /** Its binds of /dev, /proc and /sys, except those that are optional or not made by the kernel. */
  readonly nodes: readonly { readonly path: string; readonly place?: Location }[];
}

/** A line of an LXC configuration. */
export interface DescribedLine {
  readonly key: string;
  readonly value: string;
  /** The symbols that its key needs, without `CONFIG_`. */
  readonly symbols: readonly string[];
  readonly place?: Location;
}

/** Everything about a board that decides what its kernel needs: the input of the rules. */
export interface BoardDescription {
  readonly kernelVersion: string;
  readonly lxcVersion: string;
  readonly containers: readonly DescribedContainer[];
  readonly cgroup: BoardProfile['cgroup'];
  /** The device's own networks. */
  readonly bridges: readonly HostBridge[];
  readonly interfaces: readonly HostInterface[];
  readonly architecture: { readonly needs: readonly SymbolNeed[] };
  /** The images whose root filesystem this kernel mounts. */
  readonly images: readonly {
    readonly kind: BoardProfile['images'][number];
    readonly needs: readonly SymbolNeed[];
  }[];
  /** Whether an image may become a root filesystem that is written and keeps what is written. */
  readonly keepsChanges: boolean;
  /** The emulated machine that this kernel runs on; undefined when it runs only on the board. */
  readonly machine:
    { readonly needs: readonly SymbolNeed[]; readonly prerequisites: readonly Prerequisite[] } | undefined;
  /** Whether the configuration starts from allnoconfig: then symbols without a request are off. */
  readonly fromNothing: boolean;
}
