import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { CliProcess, type CliResult, isAlive, waitUntil } from './cli-process.ts';
import { describeTree } from './describe-tree.ts';
import { type Component, installFakeSource, makeReadOnly, makeWritable } from './fake-sources.ts';
import { type FakeToolchain, installFakeTools } from './fake-tools.ts';

export interface TempProjectOptions {
  readonly toolchain?: FakeToolchain;
  /** Host programs that PATH must not have, such as `make`. */
  readonly withoutHostTools?: readonly string[];
  /** Variables beside PATH, HOME, TMPDIR, LXC_KIT_STORE and XDG_CACHE_HOME. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunOptions {
  /** Another lxc-kit than the one of this checkout. */
  readonly cliFile?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly input?: string;
  /** For builds that take longer than those of the fake trees do. */
  readonly timeoutMs?: number;
}

const COMPONENTS: readonly Component[] = ['kernel', 'busybox', 'libcap', 'libseccomp', 'lxc'];

/** The board `fake`: everything comes from the fake trees and is compiled by the fake compiler. */
const FAKE_BOARD = {
  schema: 1,
  name: 'fake',
  description: 'Stand-ins for everything',
  toolchain: {
    prefix: 'mipsel-linux-gnu-',
    directory: '../tools/bin',
    cflags: ['-Os', '-march=mips32r2'],
    // A compiler launcher of the host must not show in the output.
    launcher: 'none',
  },
  cgroup: 'v2',
  kernel: { sources: [{ path: '../sources/kernel' }], defconfig: 'fake_defconfig', fragments: ['lxc'] },
  busybox: { sources: [{ path: '../sources/busybox' }], config: 'defconfig', fragments: ['static', 'lxc'] },
  libcap: { sources: [{ path: '../sources/libcap' }] },
  libseccomp: { sources: [{ path: '../sources/libseccomp' }] },
  // Most tests are about something else than its libraries.
  lxc: { sources: [{ path: '../sources/lxc' }], features: [] },
  containers: [
    {
      name: 'container1',
      kind: 'application',
      rootfs: { path: '/opt/lxc/container1', from: 'bind' },
      command: ['/bin/sh'],
      bind: ['/bin/sh', '/bin/busybox'],
      // Its LXC is without it.
      seccomp: 'none',
    },
  ],
  // Who logs in is for the tests of that.
  login: 'shell',
  images: ['tar.gz', 'cpio.gz'],
};

/**
 * A directory with the board `fake` in boards/, the fake source trees (read-only) in sources/, the fake cross
 * tools in tools/ and a store of its own, where the real command line is run. Call `remove` when done.
 */
export class TempProject {
  readonly dir: string;
  readonly storeDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly #running: CliProcess[] = [];
  #pristine: Readonly<Record<string, string>>;

  private constructor(dir: string, env: Readonly<Record<string, string>>) {
    this.dir = dir;
    this.storeDir = join(dir, 'store');
    this.env = env;
    this.#pristine = describeTree(join(dir, 'sources'));
  }

  static async create(options: TempProjectOptions = {}): Promise<TempProject> {
    const dir = await realpath(await mkdtemp(join(tmpdir(), 'lxc-kit-test-')));
    for (const name of ['boards', 'home', 'tmp', 'sources']) await mkdir(join(dir, name));
    await installFakeTools(join(dir, 'tools'), options.toolchain);
    for (const component of COMPONENTS) await installFakeSource(component, join(dir, 'sources', component));
    writeFileSync(join(dir, 'boards', 'fake.yaml'), toYaml(FAKE_BOARD));
    return new TempProject(dir, {
      PATH: hostPath(dir, options.withoutHostTools ?? []),
      HOME: join(dir, 'home'),
      TMPDIR: join(dir, 'tmp'),
      LXC_KIT_STORE: join(dir, 'store'),
      XDG_CACHE_HOME: join(dir, 'home', '.cache'),
      ...options.env,
    });
  }

  /** Where a fake tree lies, for `--source COMPONENT=PATH`. */
  sourceDir(component: Component): string {
    return join(this.dir, 'sources', component);
  }

  outDir(board = 'fake'): string {
    return join(this.dir, 'out', board);
  }

  /** Writes a board that extends `fake`: maps are merged, lists and scalars replace. */
  writeBoard(name: string, changes: Readonly<Record<string, unknown>>): void {
    this.write(`boards/${name}.yaml`, toYaml({ schema: 1, name, extends: ['fake.yaml'], ...changes }));
  }

  /** Writes a file of the project, such as a fragment; missing folders are made. */
  write(path: string, content: string): void {
    const file = join(this.dir, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, content);
  }

  read(path: string): string {
    return readFileSync(join(this.dir, path), 'utf8');
  }

  /** Changes a fake tree, as a new version or a vendor's patch would; `FAKE_FAIL` in LXC's makes it fail. */
  async changeSource(component: Component, change: (dir: string) => void): Promise<void> {
    const dir = this.sourceDir(component);
    await makeWritable(dir);
    change(dir);
    await makeReadOnly(dir);
    this.#pristine = describeTree(join(this.dir, 'sources'));
  }

  /** Runs the command line to its end. */
  run(args: readonly string[], options: RunOptions = {}): Promise<CliResult> {
    return this.spawn(args, options).done;
  }

  /** Starts the command line, for tests that interrupt it. */
  spawn(args: readonly string[], { env = {}, ...options }: RunOptions = {}): CliProcess {
    const cli = new CliProcess(args, { cwd: this.dir, env: { ...this.env, ...env }, ...options });
    this.#running.push(cli);
    return cli;
  }

  /** Files and links below out/BOARD, relative to it. */
  listOut(board = 'fake'): string[] {
    const entries = describeTree(this.outDir(board));
    return Object.keys(entries).filter((path) => !entries[path]?.startsWith('dir '));
  }

  /** Waits until CONFIG_FAKE_SLOW has brought a build to a halt, and returns the process that sleeps. */
  async waitForSleeper(): Promise<number> {
    let sleeper: number | undefined;
    await waitUntil(() => {
      sleeper = this.#filesNow()
        .filter((path) => path.endsWith('/fake-slow.pid'))
        // The file is there a moment before its content. Other out directories may have one of an earlier sleeper.
        .map((path) => Number(this.read(path)))
        .find((pid) => pid > 0 && isAlive(pid));
      return sleeper !== undefined;
    }, 'a process of CONFIG_FAKE_SLOW');
    return Number(sleeper);
  }

  /** Every path there is, while others make and remove some. */
  #filesNow(): string[] {
    try {
      return readdirSync(this.dir, { recursive: true, encoding: 'utf8' });
    } catch {
      return [];
    }
  }

  /** Files of sources/ that changed since the project was made: empty when nothing wrote into the trees. */
  changedSources(): string[] {
    const now = describeTree(join(this.dir, 'sources'));
    const paths = new Set([...Object.keys(this.#pristine), ...Object.keys(now)]);
    return [...paths].filter((path) => this.#pristine[path] !== now[path]);
  }

  /** Ends what still runs and removes the directory. */
  async remove(): Promise<void> {
    for (const cli of this.#running) cli.kill('SIGKILL');
    await Promise.allSettled(this.#running.map((cli) => cli.done));
    await makeWritable(this.dir);
    await rm(this.dir, { recursive: true, force: true });
  }
}

/** JSON is YAML, and needs no quoting rules here. */
function toYaml(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The host's PATH; when some programs must not be found, a folder of links to all the others. */
function hostPath(dir: string, without: readonly string[]): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  // vitest puts node_modules/.bin in front.
  const own = folders.filter((folder) => !folder.includes('node_modules') && existsSync(folder));
  if (without.length === 0) return own.join(delimiter);
  const linksDir = join(dir, 'host-tools');
  mkdirSync(linksDir);
  for (const folder of own) {
    for (const name of readdirSync(folder)) {
      const link = join(linksDir, name);
      if (!without.includes(name) && !existsSync(link)) symlinkSync(join(folder, name), link);
    }
  }
  return linksDir;
}
