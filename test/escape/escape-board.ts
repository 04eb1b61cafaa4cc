import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { walkTree } from '../../toolkit/host/walk-tree.ts';
import { RealBoard } from '../rigs/real-board.ts';
import type { RootKind } from './attempt.ts';
import { attempts, type Surroundings } from './attempts.ts';
import { guestFiles } from './guest-files.ts';

const HERE = shippedPath('test', 'escape');

/** A board with the containers that attempts are made in. */
export interface EscapeBoardOptions {
  /** A name for its out directory. */
  readonly name: string;
  readonly cgroup: 'v1' | 'v1-single' | 'v2';
  /** The series of the kernel, as docs/escapes.md shows it. */
  readonly kernel: string;
  /** More lines of the profile. */
  readonly profile?: string;
  /** The tarball of its LXC; by default Debian's prebuilt one. */
  readonly lxc?: string;
}

export class EscapeBoard {
  readonly options: EscapeBoardOptions;
  readonly board: RealBoard;
  readonly #dir: string;

  constructor(options: EscapeBoardOptions) {
    this.options = options;
    this.#dir = shippedPath('out', 'test', `${options.name}-files`);
    mkdirSync(this.#dir, { recursive: true });
    this.board = new RealBoard(join(this.#dir, `${options.name}.yaml`), options.name);
  }

  /** Compiles the program, writes the profile and builds the board. */
  async build(): Promise<void> {
    const { name, cgroup, profile = '', lxc } = this.options;
    await writeOverlay(join(this.#dir, 'overlay'));
    const containers = ['app0', 'sys0', 'victim', 'wide'].map((one) =>
      join(HERE, 'containers', `${one}.yaml`),
    );
    const shipped = ['container1', 'system1'].map((one) =>
      shippedPath('boards', 'containers', `${one}.yaml`),
    );
    writeFileSync(
      join(this.#dir, `${name}.yaml`),
      `schema: 1
name: ${name}
extends: [${shippedPath('boards', 'malta-mipsel.yaml')}]
cgroup: ${cgroup}
rootfs: { overlays: [./overlay] }
bridges: [{ name: escbr0, ipv4: 192.168.77.1/24 }]
containers: [${[...containers, ...shipped].join(', ')}]
images: [cpio.gz, ext4]
${profile}`,
    );
    const { exitCode, stderr } = await this.board.build(
      ...(lxc === undefined ? [] : ['--source', `lxc=${lxc}`]),
    );
    if (exitCode !== 0) throw new Error(`the build of ${name} failed:\n${stderr}`);
  }

  /** The kernel, the cgroup version and the root that its attempts find. */
  surroundings(root: RootKind): Surroundings {
    const lines = this.board.read('config/kernel.config').split('\n');
    return {
      root,
      cgroup: this.options.cgroup === 'v2' ? 'v2' : 'v1',
      config: new Map(
        lines.flatMap((line) => {
          const [, symbol, value] = /^(CONFIG_\w+)=(.*)$/.exec(line) ?? [];
          return symbol === undefined ? [] : [[symbol, value ?? ''] as const];
        }),
      ),
    };
  }

  /**
   * An out directory for boots with that root: everything in it is the board's, but the log, so that both roots can be
   * booted at the same time.
   */
  bootDir(root: RootKind): string {
    const dir = `${this.board.outDir}-${root}`;
    mkdirSync(dir, { recursive: true });
    for (const name of readdirSync(this.board.outDir)) {
      const link = join(dir, name);
      if (name !== 'logs' && name !== 'work' && !existsSync(link))
        symlinkSync(join(this.board.outDir, name), link);
    }
    return dir;
  }

  /** Changes with the image, the kernel and the suite: results under one key are those of one and the same thing. */
  async key(root: RootKind): Promise<string> {
    const { artefacts } = JSON.parse(this.board.read('manifest.json')) as {
      artefacts: { path: string; sha256: string }[];
    };
    const image = root === 'disk' ? 'rootfs.ext4' : 'rootfs.cpio.gz';
    const booted = artefacts.filter(({ path }) => path.endsWith(image) || path.endsWith('vmlinux'));
    return createHash('sha256')
      .update(JSON.stringify(booted))
      .update(await suiteHash())
      .digest('hex');
  }
}

/** A hash over all files of the suite. */
export async function suiteHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const { name, stat } of await walkTree(HERE)) {
    if (!stat.isFile()) continue;
    hash.update(`${name}\n`).update(readFileSync(join(HERE, name)));
  }
  return hash.digest('hex');
}

async function writeOverlay(dir: string): Promise<void> {
  rmSync(dir, { recursive: true, force: true });
  cpSync(join(HERE, 'overlay'), dir, { recursive: true });
  for (const [name, text] of Object.entries(guestFiles(attempts))) {
    const file = join(dir, 'root/escape', name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  mkdirSync(join(dir, 'usr/bin'), { recursive: true });
  await compileProgram(join(dir, 'usr/bin/escape'));
}

/** Compiles the attempts with the cross compiler of malta-mipsel. */
async function compileProgram(file: string): Promise<void> {
  const dir = join(HERE, 'program');
  const sources = readdirSync(dir)
    .filter((name) => name.endsWith('.c'))
    .sort();
  await execa(
    'mipsel-linux-gnu-gcc',
    [
      '-static',
      '-Os',
      '-s',
      '-march=mips32r2',
      '-std=gnu11',
      '-Wall',
      '-Wextra',
      '-Werror',
      '-o',
      file,
      ...sources,
    ],
    { cwd: dir },
  );
}
