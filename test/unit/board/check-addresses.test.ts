import { describe, expect, test } from 'vitest';
import { checkNetworks } from '../../../toolkit/board/check-networks.ts';

const place = (file: string) => () => ({ file, line: 1, column: 1 });

/** The problems of a board with two bridges, a container with these interfaces, and interfaces of its own. */
function problems(network: readonly object[], interfaces?: readonly object[]): string[] {
  const bridges = [
    { name: 'br0', ipv4: '10.0.0.1/24', attach: ['eth1'] },
    { name: 'br1', ipv4: '10.0.1.1/24' },
  ];
  const containers = [{ value: { name: 'web', network }, path: [], locate: place('web.yaml') }];
  const found = checkNetworks({ bridges, interfaces, containers, locate: place('board.yaml') });
  return found.map(({ location, message }) => `${location?.file ?? ''}: ${message}`);
}

const veth = (link: string, ipv4: unknown): object => ({ type: 'veth', link, ipv4 });

describe('an address', () => {
  test('is taken once on a bridge, with whatever prefix length', () => {
    expect(problems([veth('br0', '10.0.0.2/24'), veth('br0', '10.0.0.3/24')])).toEqual([]);
    expect(problems([veth('br0', '10.0.0.2/24'), veth('br0', '10.0.0.2/16')])).toEqual([
      expect.stringMatching(/^web\.yaml: 10\.0\.0\.2 is already taken on the bridge "br0", in web\.yaml:1$/),
    ]);
    expect(problems([veth('br0', '10.0.0.1/24')])).toHaveLength(1);
  });

  test('may be that of an interface on another bridge, or on none', () => {
    expect(problems([veth('br1', '10.0.0.1/24')])).toEqual([]);
    expect(problems([{ type: 'macvlan', link: 'br0', ipv4: '10.0.0.1/24' }])).toEqual([]);
    expect(problems([{ type: 'veth', ipv4: '10.0.0.1/24' }])).toEqual([]);
  });

  test('counts also where an interface has several', () => {
    expect(problems([veth('br0', ['10.0.0.2/24', '10.0.0.1/24'])])).toHaveLength(1);
    expect(problems([veth('br0', ['10.0.0.2/24', '10.0.0.3/24']), veth('br0', '10.0.0.3/24')])).toHaveLength(
      1,
    );
  });
});

test('a port of a bridge has no address of its own', () => {
  expect(problems([], [{ name: 'eth0' }])).toEqual([]);
  expect(problems([], [{ name: 'eth0' }, { name: 'eth1' }])).toEqual([
    expect.stringMatching(/^board\.yaml: eth1 is a port of the bridge "br0"/),
  ]);
});
