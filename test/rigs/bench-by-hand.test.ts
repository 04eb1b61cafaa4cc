import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../toolkit/base/package-root.ts';
import { scratchDir, writeFiles } from '../unit/scratch.ts';

/** Asks the bench's builder by hand, in a process of its own: it is plain JavaScript. */
function ask(kitOut: string, handOut: string): { knows: boolean; prepared: boolean; again: string } {
  const script = `
    import { ByHand } from '${join(packageRoot, 'test', 'bench', 'by-hand.mjs')}';
    const byHand = new ByHand('${kitOut}', '${handOut}');
    const knows = byHand.knowsCommands();
    const again = knows ? byHand.kernelMakeAgain() : '';
    console.log(JSON.stringify({ knows, prepared: byHand.isPrepared(), again }));
  `;
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }),
  ) as ReturnType<typeof ask>;
}

test('the bench sees whether a build left its commands, or was taken from the store', () => {
  const dir = scratchDir();
  const [kit, hand] = [join(dir, 'kit'), join(dir, 'hand')];
  mkdirSync(kit);
  expect(ask(kit, hand)).toEqual({ knows: false, prepared: false, again: '' });
  const logOf = (step: string, text: string): void => writeFiles(kit, { [`logs/${step}.log`]: text });
  const command = `$ cd ${kit}/work && make -C ${kit}/obj vmlinux -j2\n`;
  for (const step of ['configure-kernel', 'configure-busybox', 'build-busybox']) logOf(step, command);
  logOf('build-kernel', 'restored from the store; building it took 300.0 s\n');
  expect(ask(kit, hand).knows).toBe(false);
  logOf('build-kernel', command);
  expect(ask(kit, hand)).toMatchObject({ knows: true, prepared: false });
  expect(ask(kit, hand).again).toContain(`make -C ${kit}/obj vmlinux -j`);
  writeFiles(hand, {
    'work/build-kernel/obj/vmlinux': '',
    'rootfs/bin/busybox': '',
    'images/rootfs.squashfs': '',
  });
  expect(ask(kit, hand).prepared).toBe(true);
});
