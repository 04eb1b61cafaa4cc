import type { Attempt, AttemptClass } from '../attempt.ts';

const inLib = (id: string, tries: string, cls: AttemptClass = 'remount'): Attempt => ({
  id,
  class: cls,
  tries,
  witness: `[ -e /lib/${id} ]`,
});

const escaping = (cls: AttemptClass, id: string, tries: string): Attempt => ({
  id,
  class: cls,
  tries,
  witness: `reached ${id}`,
});

const parameter = (id: string, tries: string, name: string): Attempt => ({
  id,
  class: 'proc and sysfs',
  tries,
  before: `echo N > /sys/module/printk/parameters/${name}`,
  witness: `becomes /sys/module/printk/parameters/${name} Y`,
});

const linkAt = (path: string): Attempt => ({
  id: `sym-${path}`,
  class: 'symlinks at mount targets',
  tries: `leaves a link to a directory of the device at /${path} and is started again`,
  alone: `link_at ${path}`,
  witness: 'something appears in that directory',
});

/** Uses of mounts, and the ways around a root. */
export const mountAttempts: readonly Attempt[] = [
  inLib('bind-as-it-is', "makes a file in a directory of the device's that is bound read-only", 'mounts'),
  inLib('remount-bind', 'mounts that bind again, writable'),
  {
    id: 'remount-file',
    class: 'remount',
    tries: "mounts the bind of a program again, writable, and changes the program's mode",
    witness: '[ "$(stat -c %a /bin/busybox)" = 1755 ]',
  },
  inLib('bind-again', 'binds that directory to another place, writable'),
  inLib('mount-setattr', 'makes the bind writable by mount_setattr(2)'),
  inLib('open-tree', 'copies the bind by open_tree(2) and makes the copy writable'),
  {
    id: 'superblock-sync',
    class: 'remount',
    tries: "sets an option of the file system below its own root, which is the device's: every write waits",
    alone: "one 10 superblock-sync; grep -q '^[^ ]* / [^ ]* [^ ]*\\bsync\\b' /proc/mounts",
    witness: "the device's root has that option",
  },
  {
    id: 'fsopen',
    class: 'mounts',
    tries: 'mounts devtmpfs by fsopen(2) and makes a file in it',
    witness: '[ -e /dev/fsopen ]',
  },
  {
    id: 'propagate',
    class: 'mounts',
    tries: 'makes mounts shared, so that one of its own shows up on the device',
    opens: '$P share /escaped',
    witness: "grep -q '^propagate ' /proc/mounts",
  },
  escaping('mounts', 'detach-root', 'takes its root away (umount -l /) and looks what is below'),
  escaping('namespaces', 'detach-enter', 'takes its root away and enters its own mount namespace again'),
  escaping('mounts', 'move-root', 'moves its root elsewhere and looks what is below'),
  escaping('mounts', 'pivot-root', 'changes its root (pivot_root) and climbs out of the old one'),
  escaping('mounts', 'double-chroot', 'climbs out of a chroot in a chroot'),
  parameter('new-sysfs', 'mounts sysfs anew and writes a parameter of the kernel', 'time'),
  parameter('remount-sys', 'makes its /sys writable and writes a parameter', 'ignore_loglevel'),
  {
    id: 'debugfs',
    class: 'proc and sysfs',
    tries: 'mounts debugfs',
    needs: ['DEBUG_FS'],
    witness: 'stays debugfs',
  },
  {
    id: 'tracefs',
    class: 'proc and sysfs',
    tries: 'mounts tracefs',
    needs: ['TRACING'],
    witness: 'stays tracefs',
  },
  {
    ...escaping('handles', 'handle-root', "opens the device's root by its inode number (open_by_handle_at)"),
    root: 'disk',
  },
  {
    id: 'handle-guess',
    class: 'handles',
    tries: 'tries the handles of all inodes for a secret file',
    root: 'disk',
    witness: 'told handle-guess "$secret"',
  },
  ...['dev', 'proc', 'sys', 'tmp', 'lib'].map(linkAt),
];
