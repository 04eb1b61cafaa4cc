import type { Attempt, AttemptClass } from '../attempt.ts';

const asking = (id: string, cls: AttemptClass, tries: string, secret = '"$secret"'): Attempt => ({
  id,
  class: cls,
  tries,
  witness: `told ${id} ${secret}`,
});

const changing = (id: string, tries: string, witness: string): Attempt => ({
  id,
  class: 'network',
  tries,
  witness,
});

/** The device's network, and that of others. */
export const networkAttempts: readonly Attempt[] = [
  asking('net-loopback', 'network', "asks a service on the device's loopback"),
  asking('net-bridge', 'network', 'asks a service of the device on a bridge that it is not on'),
  asking('net-other', "other containers' networks", 'asks a service of another container', '"$secret2"'),
  asking('net-sniff', 'network', "listens to packets of the device's loopback"),
  changing('net-add-bridge', 'makes a bridge on the device', '[ -e /sys/class/net/escbr ]'),
  changing(
    'net-address',
    "adds an address to the device's loopback",
    'ifconfig lo:9 2>/dev/null | grep -q 10.99.99.9',
  ),
  {
    ...changing(
      'net-promiscuous',
      "has a bridge of the device's listen to everything",
      '[ $(($(cat /sys/class/net/escbr0/flags) & 256)) = 256 ]',
    ),
    class: "other containers' networks",
  },
  {
    ...changing(
      'net-queue',
      "changes the queue of a bridge of the device's",
      'becomes /sys/class/net/escbr0/tx_queue_len 4321',
    ),
    class: "other containers' networks",
  },
];
