import type { Attempt } from '../attempt.ts';

const door = (id: string, tries: string, needs: readonly string[], file: string): Attempt => ({
  id,
  class: 'bpf',
  tries,
  needs,
  witness: `holds ${id} ${file}`,
});

/** Limits, groups and the program that guards devices. */
export const cgroupAttempts: readonly Attempt[] = [
  {
    id: 'raise-pids',
    class: 'cgroups',
    tries: 'raises its own limit of processes',
    cgroup: 'v2',
    before: 'echo 300 > /sys/fs/cgroup/lxc.payload.device/pids.max',
    witness: 'becomes "$own/pids.max" 4093',
  },
  {
    id: 'raise-memory',
    class: 'cgroups',
    tries: 'raises its own limit of memory',
    cgroup: 'v2',
    witness: 'becomes "$own/memory.max" 268419072',
  },
  {
    id: 'raise-cpu',
    class: 'cgroups',
    tries: 'raises its own share of the processor',
    cgroup: 'v2',
    witness: 'becomes "$own/cpu.weight" 9973',
  },
  {
    id: 'raise-pids-v1',
    class: 'cgroups',
    tries: 'raises its own limit of processes',
    cgroup: 'v1',
    witness: 'becomes "$(v1_group pids)/pids.max" 4091',
  },
  {
    id: 'raise-memory-v1',
    class: 'cgroups',
    tries: 'raises its own limit of memory',
    cgroup: 'v1',
    witness: 'becomes "$(v1_group memory)/memory.limit_in_bytes" 268402688',
  },
  {
    id: 'allow-devices-v1',
    class: 'cgroups',
    tries: 'allows itself all devices',
    cgroup: 'v1',
    witness: 'grep -q "^a " "$(v1_group devices)/devices.list"',
  },
  {
    id: 'leave-group',
    class: 'cgroups',
    tries: "moves a process into the device's own group",
    cgroup: 'v2',
    witness: 'stays leave-group && grep -qx 0::/ "/proc/$process/cgroup"',
  },
  {
    id: 'make-group',
    class: 'cgroups',
    tries: 'makes a group beside its own',
    cgroup: 'v2',
    witness: '[ -d /sys/fs/cgroup/make-group ]',
  },
  {
    id: 'freeze-other',
    class: 'other containers',
    tries: 'freezes another container through its group',
    cgroup: 'v2',
    witness: 'cat $(find /sys/fs/cgroup -path "*victim/cgroup.freeze") | grep -qx 1',
  },
  {
    id: 'release-agent',
    class: 'cgroups',
    tries: 'has the kernel run a program of the device when a group is empty (release_agent)',
    witness: '[ -e /escaped/release-agent ]',
  },
  {
    id: 'bpf-detach',
    class: 'bpf',
    tries: 'takes the device rules off its group',
    cgroup: 'v2',
    needs: ['CGROUP_BPF'],
    witness: 'logged bpf-detach',
  },
  door('bpf-program', 'loads a BPF program', ['BPF_SYSCALL'], 'bpf-prog'),
  door('bpf-map', 'makes a BPF map', ['BPF_SYSCALL'], 'bpf-map'),
  door('perf-event', 'opens a performance counter', ['PERF_EVENTS'], 'perf_event'),
  door('userfaultfd', 'handles its own page faults (userfaultfd)', ['USERFAULTFD'], 'userfaultfd'),
  door('io-uring', 'makes an io_uring', ['IO_URING'], 'io_uring'),
  door('fanotify', 'watches whole file systems (fanotify)', ['FANOTIFY'], 'fanotify'),
];
