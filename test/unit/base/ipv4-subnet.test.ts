import { describe, expect, test } from 'vitest';
import { addressIn, netmaskOf, networkOf, subnetHolds } from '../../../toolkit/base/ipv4-subnet.ts';

describe('a subnet', () => {
  test.each([
    ['192.168.0.1/24', '255.255.255.0', '192.168.0.0/24'],
    ['10.1.2.3/8', '255.0.0.0', '10.0.0.0/8'],
    ['172.16.5.130/25', '255.255.255.128', '172.16.5.128/25'],
    ['10.0.0.7/31', '255.255.255.254', '10.0.0.6/31'],
    ['10.0.0.7/32', '255.255.255.255', '10.0.0.7/32'],
    ['10.0.0.7', '255.255.255.255', '10.0.0.7/32'],
    ['200.0.0.1/0', '0.0.0.0', '0.0.0.0/0'],
  ])('%s has the netmask %s and the network %s', (cidr, netmask, network) => {
    expect([netmaskOf(cidr), networkOf(cidr)]).toEqual([netmask, network]);
    expect(addressIn(cidr)).toBe(cidr.replace(/\/.*/, ''));
  });

  test('holds its first and its last address, and none beside them', () => {
    const held = ['10.0.0.63', '10.0.0.64', '10.0.0.127', '10.0.0.128', '9.0.0.64'].map((address) =>
      subnetHolds('10.0.0.65/26', address),
    );
    expect(held).toEqual([false, true, true, false, false]);
  });
});
