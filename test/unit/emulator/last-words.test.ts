import { createReadStream, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { explainPanic, findLastWords, watchLastWords } from '../../../toolkit/emulator/last-words.ts';
import { disks, malta, recordedConsole } from './fake-guest.ts';

test.each([
  ['panic-no-root', 'VFS: Unable to mount root fs on unknown-block(1,0)'],
  ['panic-wrong-root-device', 'VFS: Unable to mount root fs on unknown-block(0,0)'],
  ['panic-no-init', 'Requested init /sbin/missing failed (error -2).'],
  ['panic-init-died', 'Attempted to kill init! exitcode=0x00000100'],
])('%s, in chunks of any size', async (name, reason) => {
  for (const highWaterMark of [1, 13, 100_000]) {
    const words: unknown[] = [];
    const console = createReadStream(recordedConsole(name), { highWaterMark });
    const watch = watchLastWords(console, (found) => words.push(found));
    await once(console, 'end');
    expect(words).toEqual([{ kind: 'panicked', reason }]);
    expect(watch.latest()).toEqual({ kind: 'panicked', reason });
  }
});

test('an ordinary boot has no last words', () => {
  expect(findLastWords(readFileSync(recordedConsole('hang'), 'latin1'))).toBeUndefined();
});

test.each([
  ['[    4.702707] reboot: Power down\r\n', { kind: 'powered off' }],
  ['reboot: System halted\r\n', { kind: 'halted' }],
  ['[    2.489894] reboot: Restarting system\r\n', { kind: 'restarted' }],
  ['Kernel panic - not syncing: Out of memory', undefined],
  ['Kernel panic - not syncing: Out of memory\n', { kind: 'panicked', reason: 'Out of memory' }],
])('%j', (text, words) => {
  expect(findLastWords(text)).toEqual(words);
});

test('a watch calls back once, and knows what was last', () => {
  const console = new PassThrough();
  const words: unknown[] = [];
  const watch = watchLastWords(console, (found) => words.push(found));
  console.emit('data', Buffer.from('reboot: Power down\n'));
  console.emit('data', Buffer.from('reboot: Power down\n'));
  expect(words).toEqual([{ kind: 'powered off' }]);
  expect(watch.latest()).toEqual({ kind: 'powered off' });
  // Long ago is not what ended the guest.
  console.emit('data', Buffer.alloc(10_000, 'x'));
  expect(watch.latest()).toBeUndefined();
});

test('explains what to do about a panic', () => {
  const disk = { ...disks.squashfs, file: 'images/rootfs.squashfs' };
  expect(explainPanic('VFS: Unable to mount root fs on unknown-block(0,0)', malta(), disk)).toBe(
    'to read images/rootfs.squashfs the kernel needs CONFIG_BLK_DEV_INITRD=y, CONFIG_VIRTIO_PCI=y, CONFIG_VIRTIO_BLK=y, CONFIG_PCI_QUIRKS=y, CONFIG_SQUASHFS=y',
  );
  expect(explainPanic('System is deadlocked on memory', malta(), disk)).toContain('emulator.memory');
  expect(explainPanic('sysrq triggered crash', malta(), disk)).toBeUndefined();
});
