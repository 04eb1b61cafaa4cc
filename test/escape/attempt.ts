/** The classes of attempts, in the order of docs/escapes.md. */
export const attemptClasses = [
  'devices',
  'mounts',
  'remount',
  'namespaces',
  'cgroups',
  'bpf',
  'proc and sysfs',
  'handles',
  'terminals',
  'fds',
  'setuid',
  'symlinks at mount targets',
  'modules',
  'time',
  'network',
  'other containers',
  "other containers' networks",
  'kernel memory',
  'PCI',
  'log flood',
  'processes',
  'memory',
  'disk',
  'inodes',
] as const;

export type AttemptClass = (typeof attemptClasses)[number];

/** Where the device has its root. */
export type RootKind = 'initramfs' | 'disk';

/** One thing that root in a container tries against the device. All of it is data; the C function of its name makes it. */
export interface Attempt {
  /** Also the name in the program (test/escape/program), and of what it leaves on the device. */
  readonly id: string;
  readonly class: AttemptClass;
  readonly tries: string;
  /**
   * A shell line that runs on the device after the attempt and succeeds if the attempt did: never the word of the attempt
   * itself. Its functions are those of overlay/root/escape/lib.
   */
  readonly witness: string;
  /** On the device, before it: a known state to start from. */
  readonly before?: string;
  /** On the device, before the control only: takes back a defence of the device itself. */
  readonly opens?: string;
  /** The device has a part in it: a shell script instead of the attempt's place among the others. It makes the attempt. */
  readonly alone?: string;
  /** Whether the device may not live through it; it gets a boot of its own if it did not. */
  readonly deadly?: true;
  /** Without these kernel symbols there is nothing to try. */
  readonly needs?: readonly string[];
  /** The only root of the device that it can be tried on; both by default. */
  readonly root?: RootKind;
  /** The only cgroup version that it can be tried on; both by default. */
  readonly cgroup?: 'v1' | 'v2';
}
