import { describe, expect, it } from 'vitest';
import { conceptKeys, keyFor, noKeyMessage, type Concept } from '../../../toolkit/lxc-keys/concept-keys.ts';
import { findKeyOfAnyRelease } from '../../../toolkit/lxc-keys/key-table.ts';

const concepts = Object.keys(conceptKeys) as Concept[];

describe('keyFor', () => {
  it('knows a key for every concept in the releases that lxc-kit builds', () => {
    for (const version of ['4.0.12', '5.0.2', '5.0.3', '6.0.6']) {
      expect(concepts.filter((concept) => keyFor(concept, version) === undefined)).toEqual([]);
    }
  });

  it('uses only keys of the key table', () => {
    for (const { keys } of Object.values(conceptKeys)) {
      for (const key of keys) expect(findKeyOfAnyRelease(key)?.key, key).toBe(key);
    }
  });

  it('speaks the language of each release', () => {
    const names = (version: string): (string | undefined)[] =>
      (['hostname', 'network-ipv4', 'cgroup-v2', 'execute-command'] as const).map((one) =>
        keyFor(one, version),
      );
    expect(names('1.1.5')).toEqual(['lxc.utsname', 'lxc.network.ipv4', undefined, undefined]);
    expect(names('2.1.1')).toEqual(['lxc.uts.name', 'lxc.net.[i].ipv4.address', undefined, undefined]);
    expect(names('3.0.4')).toEqual([
      'lxc.uts.name',
      'lxc.net.[i].ipv4.address',
      'lxc.cgroup2.<file>',
      'lxc.execute.cmd',
    ]);
  });

  it('says which releases have what one lacks', () => {
    expect(noKeyMessage('cgroup-v1', '7.0.0')).toBe(
      'LXC 7.0.0 has no key for settings of cgroup v1; 1.0.0 to 6.0.6 have',
    );
    expect(noKeyMessage('cgroup-v2', '2.1.1')).toBe(
      'LXC 2.1.1 has no key for settings of cgroup v2; 3.0.0 and later have',
    );
    expect(noKeyMessage('reboot-signal', '1.1.5')).toBe(
      'LXC 1.1.5 has no key for the reboot signal; 2.0.0 and later have',
    );
  });
});
