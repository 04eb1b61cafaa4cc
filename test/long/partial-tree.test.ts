import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { storeDir } from '../../toolkit/session/open-build.ts';
import { removeTree } from '../../toolkit/host/remove-tree.ts';
import { openSealed } from '../../toolkit/host/sealed-text.ts';
import { RealBoard } from '../rigs/real-board.ts';

interface FetchStamp {
  readonly result: { readonly sha256: string; readonly files: readonly { readonly file: string }[] };
}

const CONFIGURATION = ['config/kernel.config', 'config/kernel.audit.json'];

test.each([
  { name: 'malta-mipsel', until: 'build-kernel', files: [...CONFIGURATION, 'images/vmlinux'] },
  { name: 'stb-mipsel', until: 'configure-kernel', files: CONFIGURATION },
])(
  'the kernel of $name is the same from the whole tree and from the part that is unpacked for it',
  async ({ name, until, files }) => {
    const fetched = new RealBoard(name, `partial-tree/${name}-fetched`);
    await succeed(fetched, '--until', 'check-versions');
    const store = join(fetched.outDir, 'store');
    const board = new RealBoard(name, `partial-tree/${name}`, {
      LXC_KIT_STORE: store,
      LXC_KIT_STORE_LIMIT: '0',
    });
    await removeTree(store);
    for (const folder of ['sources', 'resolved', 'apt'])
      cpSync(join(storeDir(), folder), join(store, folder), { recursive: true });
    const built = async (): Promise<Buffer[]> => {
      rmSync(board.outDir, { recursive: true, force: true });
      await succeed(board, '--until', until, '--offline');
      return files.map((file) => readFileSync(join(board.outDir, file)));
    };

    const fromPart = await built();
    const { sha256, files: archives } = (
      JSON.parse(openSealed(fetched.read('.lxc-kit/stamps/fetch-kernel.json')) ?? '') as FetchStamp
    ).result;
    const trees = join(store, 'trees');
    const kernels = readdirSync(trees).filter((entry) => entry.startsWith('kernel-'));
    expect(kernels).toEqual([expect.stringMatching(`^kernel-${sha256.slice(0, 16)}-mips-`)]);
    const [tree = ''] = kernels;
    await removeTree(join(trees, tree));
    mkdirSync(join(trees, tree));
    // By another program, so that nothing of lxc-kit's own decides what is in it.
    execFileSync('tar', ['-xf', archives[0]?.file ?? '', '-C', join(trees, tree), '--strip-components=1']);
    const fromWhole = await built();

    const same = files.filter((_file, index) => fromPart[index]?.equals(fromWhole[index] ?? Buffer.alloc(0)));
    expect(same).toEqual(files);
    await removeTree(store);
  },
);

async function succeed(board: RealBoard, ...args: string[]): Promise<void> {
  const { exitCode, stderr } = await board.build(...args);
  expect(exitCode, stderr).toBe(0);
}
