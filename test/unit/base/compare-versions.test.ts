import { describe, expect, it } from 'vitest';
import { compareVersions, describeRange, inVersionRange } from '../../../toolkit/base/compare-versions.ts';

describe('compareVersions', () => {
  it('orders by number, not by text or time', () => {
    const shuffled = ['10.0.0', '2.1.0', '2.0.11', '1.1.5', '2.0.9', '6.0.0'];
    expect(shuffled.sort(compareVersions)).toEqual(['1.1.5', '2.0.9', '2.0.11', '2.1.0', '6.0.0', '10.0.0']);
  });

  it('takes a missing part for 0 and leaves out what follows the digits', () => {
    expect(compareVersions('6.12', '6.12.0')).toBe(0);
    expect(compareVersions('7.0.0-rc1', '7.0.0')).toBe(0);
  });
});

describe('inVersionRange', () => {
  it('includes both ends', () => {
    const range = { since: '3.0.0', until: '6.0.6' };
    expect(
      ['2.1.1', '3.0.0', '5.0.2', '6.0.6', '7.0.0'].map((version) => inVersionRange(version, range)),
    ).toEqual([false, true, true, true, false]);
  });

  it('puts a range into words', () => {
    expect(describeRange({ since: '3.0.0', until: '6.0.6' })).toBe('3.0.0 to 6.0.6');
    expect(describeRange({ since: '3.0.0' })).toBe('3.0.0 and later');
    expect(describeRange({ until: '4.6' })).toBe('versions up to 4.6');
  });
});
