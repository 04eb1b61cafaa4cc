import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixture } from './fixture.ts';
import { makeElf } from './make-elf.ts';

/** Puts a fake source tree of LXC 2.0.8, which is built by autotools, into a folder. Returns its path. */
export function makeFakeLxc2(dir: string): string {
  const tree = join(dir, 'lxc-2.0.8');
  cpSync(fixture('fakelxc-autotools'), tree, { recursive: true });
  mkdirSync(join(tree, 'prebuilt'));
  const tool = makeElf({ kind: 'exec', needed: ['liblxc.so.1', 'libc.so.6'] });
  const library = makeElf({ kind: 'shared', soname: 'liblxc.so.1', needed: ['libcap.so.2', 'libc.so.6'] });
  writeFileSync(join(tree, 'prebuilt/lxc-tool.elf'), tool);
  writeFileSync(join(tree, 'prebuilt/liblxc-cap.so'), library);
  return tree;
}
