import type { Attempt, AttemptClass } from '../attempt.ts';

const taking = (id: string, cls: AttemptClass, tries: string): Attempt => ({
  id,
  class: cls,
  tries,
  deadly: true,
  alone: `uses_up ${id}`,
  witness: 'an ordinary process of the device cannot go on',
});

/** Attempts to use the device up. All stop by themselves after some seconds. */
export const resourceAttempts: readonly Attempt[] = [
  taking('dos-processes', 'processes', 'makes processes until there are no more'),
  taking('dos-threads', 'processes', 'makes threads until there are no more'),
  {
    ...taking('dos-processor', 'processes', 'runs eight real-time processes without end'),
    root: 'initramfs',
  },
  taking('dos-memory', 'memory', 'takes memory until there is no more, not to be killed for it'),
  taking('dos-memory-files', 'memory', 'fills files in memory (tmpfs, memfd)'),
  { ...taking('dos-pipes', 'memory', 'fills pipes'), root: 'initramfs' },
  { ...taking('dos-terminals', 'terminals', 'opens all pseudo terminals'), root: 'initramfs' },
  { ...taking('dos-files', 'fds', 'opens files until there are no more'), root: 'initramfs' },
  taking('dos-disk', 'disk', 'fills every directory that it can write'),
  { ...taking('dos-inodes', 'inodes', 'makes empty files until there are no more inodes'), root: 'disk' },
  {
    id: 'log-clear',
    class: 'log flood',
    tries: "clears the kernel's log",
    alone: 'echo "<5>before-$name " > /dev/kmsg; one 10 log-clear; ! dmesg | grep -q "before-$name "',
    witness: 'a line of before is gone',
  },
  {
    id: 'log-flood',
    class: 'log flood',
    tries: "writes more into the kernel's log than that holds",
    alone:
      'echo "<5>before-$name " > /dev/kmsg; one 20 log-flood; ! dmesg -s 300000 | grep -q "before-$name "',
    witness: 'a line of before is gone',
  },
  {
    id: 'reboot',
    class: 'processes',
    tries: 'restarts the device (reboot(2))',
    deadly: true,
    alone: 'one 10 reboot; echo "made reboot"; usleep 300000; false',
    witness: 'the device is gone',
  },
  {
    id: 'pci-remove-disk',
    class: 'PCI',
    tries: "takes the device's disk off the PCI bus",
    root: 'disk',
    deadly: true,
    alone: 'one 10 pci-remove-disk; [ ! -e /sys/block/vda ]',
    witness: 'the disk is gone',
  },
];
