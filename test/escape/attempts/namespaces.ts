import type { Attempt, AttemptClass } from '../attempt.ts';

const telling = (cls: AttemptClass, id: string, tries: string, what = '"$secret"'): Attempt => ({
  id,
  class: cls,
  tries,
  witness: `told ${id} ${what}`,
});

const ownNamespace = (id: string, tries: string): Attempt => ({
  id,
  class: 'namespaces',
  tries: `${tries}: all capabilities against the kernel in a namespace of its own`,
  needs: ['USER_NS'],
  witness: `elsewhere ${id} user`,
});

/** Other processes and what they share. */
export const namespaceAttempts: readonly Attempt[] = [
  {
    id: 'proc-roots',
    class: 'namespaces',
    tries: 'looks for the device behind /proc/N/root and /proc/N/cwd',
    witness: 'reached proc-roots',
  },
  {
    id: 'enter-mounts',
    class: 'namespaces',
    tries: 'enters the mount namespace of every process it sees',
    witness: 'reached enter-mounts',
  },
  {
    id: 'enter-network',
    class: 'network',
    tries: "enters the network namespace of the device's own process",
    witness: 'elsewhere enter-network net',
  },
  ownNamespace('user-unshare', 'makes a user namespace by unshare(2)'),
  ownNamespace('user-clone', 'makes a user namespace by clone(2)'),
  ownNamespace('user-clone3', 'makes a user namespace by clone3(2), whose arguments no filter sees'),
  {
    id: 'signal-all',
    class: 'namespaces',
    tries: 'sends a signal to every process number',
    witness: '[ -e /escaped/signal-all ]',
  },
  {
    id: 'trace-host',
    class: 'namespaces',
    tries: 'traces a process of the device',
    witness: 'grep -q "^TracerPid:.[1-9]" "/proc/$(cat $S/victim)/status"',
  },
  telling('namespaces', 'shm', "reads the device's System V shared memory"),
  telling('namespaces', 'mqueue', "reads the device's POSIX message queue"),
  telling('namespaces', 'host-key', "reads a key of the device's keyring"),
  telling('other containers', 'other-key', "reads a key of another container's keyring", '"$secret2"'),
  telling('namespaces', 'abstract-socket', "connects to the device's abstract socket"),
  telling(
    'other containers',
    'command-socket',
    "gives commands to another container's lxc-start",
    'answered',
  ),
  {
    id: 'own-fds',
    class: 'fds',
    tries: 'climbs up from descriptors that it was left with',
    // LXC itself leaves none; the control is a shell of the device with its root open.
    witness: 'reached own-fds',
  },
  {
    id: 'other-fds',
    class: 'fds',
    tries: 'climbs up from the descriptors of every process it sees',
    witness: 'reached other-fds',
  },
  {
    id: 'exe-overwrite',
    class: 'fds',
    tries: "overwrites the device's lxc-attach while that runs in it (CVE-2019-5736)",
    alone: `sums() { cksum /usr/bin/lxc* /usr/lib/liblxc* /usr/lib/*/liblxc* /lib/*/liblxc* $S/lxc-copy 2>/dev/null; }
cp $P $S/lxc-copy
sums > $S/sums
one 5 exe-prepare >/dev/null
(usleep 1500000; timeout -s KILL 4 $S/lxc-copy watch $S/ignored 1; [ "$name" = device ] || timeout -s KILL 3 lxc-attach -n "$name" -- /escape-exe </dev/null >/dev/null 2>&1) &
one 12 exe-overwrite
sums > $S/sums-after
! cmp -s $S/sums $S/sums-after`,
    witness: 'a program of the device has changed',
  },
  {
    id: 'host-name',
    class: 'namespaces',
    tries: "changes the device's host name",
    witness: '[ "$(hostname)" = host-name ]',
  },
  {
    id: 'setuid-file',
    class: 'setuid',
    tries: "leaves a setuid program of root's in its root, which a user of the device runs",
    witness: '$P as-nobody "$root/escape-setuid" touch /escaped/setuid-file; [ -e /escaped/setuid-file ]',
  },
  {
    id: 'attach-terminal',
    class: 'terminals',
    tries: "types into the operator's terminal while lxc-attach runs",
    alone: `if [ "$name" = device ]; then set -- $P one; else set -- lxc-attach -n "$name" -- $inside one; fi
$P with-pty $S/typed "$@" "$name" attach-terminal
typed attach-terminal`,
    witness: "the words are in the terminal's queue",
  },
  {
    id: 'start-terminal',
    class: 'terminals',
    tries: "types into the operator's terminal when lxc-start -F has started it",
    alone: `stop
[ "$name" = device ] || [ -e "$root$inside" ] || cp $P "$root$inside"
if [ "$name" = device ]; then set -- $P one; else set -- lxc-start -F -n "$name" -- $inside one; fi
$P with-pty $S/typed "$@" "$name" start-terminal
typed start-terminal`,
    witness: "the words are in the terminal's queue",
  },
];
