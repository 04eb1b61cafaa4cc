import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { everyAtOnce } from '../../../toolkit/base/every-at-once.ts';

describe('everyAtOnce', () => {
  test('tests each, so many at once and no more', async () => {
    let running = 0;
    let most = 0;
    const seen: number[] = [];
    const every = await everyAtOnce([5, 1, 4, 2, 3], 2, async (item) => {
      running++;
      most = Math.max(most, running);
      await sleep(item);
      running--;
      seen.push(item);
      return true;
    });
    expect(every).toBe(true);
    expect(seen.sort()).toEqual([1, 2, 3, 4, 5]);
    expect(most).toBe(2);
  });

  test('none is every one', async () => {
    expect(await everyAtOnce([], 3, () => Promise.resolve(false))).toBe(true);
  });

  test('begins none after one that is false, and waits for those that were begun', async () => {
    const ended: number[] = [];
    const every = await everyAtOnce([1, 2, 3, 4], 2, async (item) => {
      await sleep(item === 1 ? 1 : 20);
      ended.push(item);
      return item !== 1;
    });
    expect(every).toBe(false);
    expect(ended).toEqual([1, 2]);
  });

  test('throws what one throws, when the others have ended', async () => {
    const ended: number[] = [];
    const every = everyAtOnce([1, 2, 3], 2, async (item) => {
      if (item === 1) throw new Error('the disk is full');
      await sleep(10);
      ended.push(item);
      return true;
    });
    await expect(every).rejects.toThrow('the disk is full');
    expect(ended).toEqual([2]);
  });
});
