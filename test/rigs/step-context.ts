import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KitEvent } from '../../toolkit/base/event.ts';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { loadProfile } from '../../toolkit/board/load-profile.ts';
import type { Step, StepContext, StepInputs } from '../../toolkit/engine/step.ts';
import { hashBytes, hashFile } from '../../toolkit/host/hash-file.ts';
import { toolEnvironment } from '../../toolkit/host/run-tool.ts';
import type { ResolvedSource } from '../../toolkit/download/resolved-source.ts';
import type { Build } from '../../toolkit/opened-board/build.ts';
import { createSteps } from '../../toolkit/steps/index.ts';
import { architectures } from '../../toolkit/toolchain/architectures.ts';

type Plain = Readonly<Record<string, unknown>>;

/** A board with the sources that lxc-kit would try; nothing of it is fetched or compiled. */
const BOARD = {
  schema: 1,
  name: 'sample',
  description: 'A board for tests of steps',
  toolchain: { prefix: 'mipsel-linux-gnu-', cflags: ['-Os'], launcher: 'none' },
  cgroup: 'v2',
  kernel: { sources: [{ debian: 'linux-source-6.1' }], defconfig: 'malta_defconfig', fragments: ['lxc'] },
  busybox: { config: 'defconfig', fragments: ['static', 'lxc'] },
  containers: [
    {
      name: 'web',
      kind: 'application',
      rootfs: { path: '/opt/lxc/web', from: 'bind' },
      command: ['/bin/sh'],
      bind: ['/bin/sh', '/bin/busybox'],
    },
  ],
  images: ['cpio.gz'],
};

/** A build of a board that extends the sample: maps are merged, lists and scalars replace. */
export async function sampleBuild(dir: string, changes: Plain = {}, of: Partial<Build> = {}): Promise<Build> {
  mkdirSync(join(dir, 'boards'), { recursive: true });
  const file = join(dir, 'boards', 'sample.yaml');
  writeFileSync(file, JSON.stringify(merged(BOARD, changes)));
  const loaded = await loadProfile(file, {
    shippedBoardsDir: shippedPath('boards'),
    displayPath: (path) => path.replace(`${dir}/`, ''),
    knownFragments: { kernel: ['lxc', 'malta', 'hardening', 'derived'], busybox: ['static', 'lxc'] },
  });
  return {
    loaded,
    displayPath: (path) => path.replace(`${dir}/`, ''),
    boardArgument: 'sample',
    architecture: architectures[loaded.profile.toolchain.arch],
    outDir: join(dir, 'out'),
    storeDir: join(dir, 'store'),
    overrides: new Map(),
    offline: false,
    update: false,
    env: toolEnvironment(process.env),
    userEnv: {},
    epochSeconds: 1_700_000_000,
    launcher: undefined,
    ...of,
  };
}

function merged(below: Plain, above: Plain): Plain {
  const isMap = (value: unknown): value is Plain =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = Object.entries(above).map(([key, value]) => {
    const lower = below[key];
    return [key, isMap(lower) && isMap(value) ? merged(lower, value) : value] as const;
  });
  return { ...below, ...Object.fromEntries(entries) };
}

/** A source as a fetch step leaves it; LXC comes as a tarball unless `changes` says otherwise. */
export function fetched(component: string, changes: Partial<ResolvedSource> = {}): ResolvedSource {
  const versions: Readonly<Record<string, string>> = { kernel: '6.1.161', busybox: '1.37.0', lxc: '5.0.2' };
  return {
    component,
    kind: 'url',
    form: 'tarball',
    version: versions[component] ?? '1.0',
    origin: `https://example.org/${component}.tar.xz`,
    sha256: hashBytes(component),
    files: [],
    ...changes,
  };
}

/** Results of the earlier steps, by their ids, where a test gives no others. */
export function resultsOf(build: Build, changes: Plain = {}): ReadonlyMap<string, unknown> {
  const steps = createSteps(build);
  const { prefix, cflags } = build.loaded.profile.toolchain;
  const rows: Plain = {
    ...Object.fromEntries(steps.fetches.map(({ id }) => [id, fetched(id.replace('fetch-', ''))])),
    'check-toolchain': { prefix, cflags, version: '12.2.0', identity: `gcc 12.2.0 ${cflags.join(' ')}` },
    'configure-kernel': { version: '6.1.161', symbolsSet: 700, findings: [] },
    'configure-emulator-kernel': { version: '6.1.161', symbolsSet: 700, findings: [] },
    ...changes,
  };
  return new Map(Object.entries(rows));
}

/** A step's context with the results of others as data; what is emitted can be read. */
export function stepContext(
  dir: string,
  id: string,
  results: ReadonlyMap<string, unknown>,
): StepContext & { readonly events: KitEvent[] } {
  const events: KitEvent[] = [];
  const workDir = join(dir, 'out', 'work', id);
  mkdirSync(workDir, { recursive: true });
  mkdirSync(join(dir, 'out', 'logs'), { recursive: true });
  return {
    events,
    workDir,
    logFile: join(dir, 'out', 'logs', `${id}.log`),
    emit: (event) => void events.push(event),
    signal: new AbortController().signal,
    result: <T>(step: Step<T>): T => {
      if (!results.has(step.id)) throw new Error(`the test has no result of ${step.id}`);
      return results.get(step.id) as T;
    },
  };
}

/** All steps of a build by their ids. */
export function stepsOf(build: Build): ReadonlyMap<string, Step> {
  return new Map(createSteps(build).all.map((step) => [step.id, step]));
}

/** The inputs of a step, with the hash of each file's bytes; `missing` for a file that does not exist yet. */
export async function inputsOf(step: Step, results: ReadonlyMap<string, unknown>): Promise<StepInputs> {
  const { settings, files = {} } = await step.inputs({
    result: <T>(other: Step<T>): T => {
      if (!results.has(other.id)) throw new Error(`the test has no result of ${other.id}`);
      return results.get(other.id) as T;
    },
  });
  const hashes = Object.entries(files).map(
    async ([label, file]) => [label, await hashFile(file).catch(() => 'missing')] as const,
  );
  return { settings, files: Object.fromEntries(await Promise.all(hashes)) };
}
