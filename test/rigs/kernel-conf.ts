import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { storeDir } from '../../toolkit/session/open-build.ts';
import { dialectOf, type ConfDialect } from '../../toolkit/kconfig-tree/conf-dialects.ts';
import { versionOfTree } from '../../toolkit/sources/version.ts';
import { RealBoard } from './real-board.ts';

/** Result of a run of conf. */
export interface ConfRun {
  /** The .config; undefined when it ended with an error or a signal. */
  readonly config: string | undefined;
  readonly stderr: string;
}

export interface ConfOptions {
  /** Lines of a .config that ask for values, as KCONFIG_ALLCONFIG does. */
  readonly requestsFile?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export type ConfMode = 'alldefconfig' | 'allnoconfig';

/** The conf of one kernel, as the kernel's own make builds it. */
export class KernelConf {
  readonly tree: string;
  readonly version: string;
  readonly dialect: ConfDialect;
  readonly #conf: string;

  private constructor(tree: string, version: string, conf: string) {
    this.tree = tree;
    this.version = version;
    this.dialect = dialectOf('kernel', version);
    this.#conf = conf;
  }

  /**
   * The confs of every unpacked kernel in the store: that of the board malta-mipsel, which is fetched when it is not
   * there, and whatever other builds left.
   */
  static async all(): Promise<KernelConf[]> {
    const { exitCode, stderr } = await new RealBoard('malta-mipsel', 'malta-conf').build(
      '--until',
      'configure-kernel',
    );
    if (exitCode !== 0) throw new Error(`there is no kernel to take conf from:\n${stderr}`);
    const treesDir = join(storeDir(), 'trees');
    const found: KernelConf[] = [];
    for (const name of readdirSync(treesDir).sort()) {
      const tree = join(treesDir, name);
      const version = name.startsWith('kernel-') ? await versionOfTree('kernel', tree) : undefined;
      if (version !== undefined) found.push(new KernelConf(tree, version, buildConf(tree, name)));
    }
    return found;
  }

  /** Runs `conf --MODE Kconfig` in a directory that has such a file. */
  run(mode: ConfMode, kconfigDir: string, { requestsFile, env = {} }: ConfOptions = {}): ConfRun {
    const outDir = mkdtempSync(join(tmpdir(), 'lxc-kit-conf-'));
    try {
      const config = join(outDir, 'config');
      const { status, signal, stderr } = spawnSync(this.#conf, [`--${mode}`, 'Kconfig'], {
        cwd: kconfigDir,
        encoding: 'utf8',
        timeout: 60_000,
        env: {
          PATH: process.env['PATH'] ?? '',
          srctree: kconfigDir,
          KCONFIG_CONFIG: config,
          ...(requestsFile === undefined ? {} : { KCONFIG_ALLCONFIG: requestsFile }),
          ...env,
        },
      });
      const ended = status === 0 && existsSync(config);
      return { config: ended ? readFileSync(config, 'utf8') : undefined, stderr: stderr + (signal ?? '') };
    } finally {
      rmSync(outDir, { recursive: true, force: true });
    }
  }
}

/** allnoconfig is the quickest target that builds conf. */
function buildConf(tree: string, name: string): string {
  const objDir = shippedPath('out', 'test', 'conf', name);
  const conf = join(objDir, 'scripts', 'kconfig', 'conf');
  mkdirSync(objDir, { recursive: true });
  if (!existsSync(conf))
    execFileSync('make', ['-s', '-C', tree, `O=${objDir}`, 'ARCH=mips', 'allnoconfig'], { stdio: 'pipe' });
  return conf;
}
