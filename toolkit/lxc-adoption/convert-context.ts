import type { CgroupLayout } from '../cgroups/layouts.ts';
import type { Setting } from '../lxc-config/read-settings.ts';
import type { ConvertedDevices } from './convert-devices.ts';
import type { Findings } from '../lxc-keys/findings.ts';
import type { RootfsPlace } from '../lxc-keys/mount-target.ts';

export interface ConvertContext {
  readonly lxcVersion: string;
  readonly layout: CgroupLayout | 'both';
  /** The release the configuration was written for, if its first line names it. */
  readonly from: string | undefined;
  /** Whether lxc-kit made the configuration, so that its numbers are intended. */
  readonly made: boolean;
  readonly place: RootfsPlace;
  /** All settings in force, including those of included files. */
  readonly settings: readonly Setting[];
  /** The device rules of the file, if they are written for the other cgroup version. */
  readonly devices: ConvertedDevices;
  readonly findings: Findings;
}

/** The LXC release and cgroup layout that a configuration is converted for. */
export interface ConvertTarget {
  readonly lxcVersion: string;
  /** Undefined: chosen from the configuration and the version. */
  readonly cgroup: CgroupLayout | undefined;
}
