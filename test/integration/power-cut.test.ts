import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { killedFakeBuild } from '../rigs/killed-fake-build.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { projectMaker } from './rig.ts';
import { CLI_FILE } from '../rigs/cli-path.ts';

/** A call of the system that ended well, in the order of their ends; a rename counts from its beginning. */
interface Call {
  readonly name: string;
  /** Paths of files and directories, as the kernel knows them; for a rename the old one and the new one. */
  readonly paths: readonly string[];
}

/** Steps whose work directories hold more than what is written with one call. */
const WORKING = [
  ...['kernel', 'busybox', 'libcap', 'lxc'].map((name) => `build-${name}`),
  ...['lay-out-rootfs', 'emit-containers', 'assemble-rootfs'],
];

const create = projectMaker();
let project: TempProject;
/** Calls of a build that makes everything, and of one that takes it from the store. */
const traces: Record<string, readonly Call[]> = {};

beforeAll(async () => {
  project = await create();
  killedFakeBuild(project);
  traces['made'] = traceBuild();
  await project.run(['clean', '--board', 'killed']);
  traces['restored'] = traceBuild();
});

function traceBuild(): Call[] {
  const file = join(project.dir, 'tmp', 'trace');
  const calls = 'fsync,fdatasync,syncfs,rename,renameat,renameat2,unlink,unlinkat';
  const argv = [
    '-f',
    '-y',
    '-s',
    '4096',
    '--seccomp-bpf',
    '-e',
    `trace=${calls}`,
    '-e',
    'signal=none',
    '-o',
    file,
  ];
  const command = [process.execPath, CLI_FILE, 'build', '--board', 'killed'];
  const { status, stderr, error } = spawnSync('strace', [...argv, ...command], {
    cwd: project.dir,
    env: project.env,
    encoding: 'utf8',
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(stderr);
  return readCalls(readFileSync(file, 'utf8'));
}

/** Reads what strace wrote; a call that another thread interrupted is on two lines. */
function readCalls(trace: string): Call[] {
  const calls: Call[] = [];
  const begun = new Map<string, string>();
  for (const line of trace.split('\n')) {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const unfinished = /^(.*) <unfinished \.\.\.>$/.exec(rest)?.[1];
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)?.[1];
    if (unfinished !== undefined) begun.set(thread, unfinished);
    const isRename = (text = ''): boolean => text.startsWith('rename');
    const whole = resumed === undefined ? rest : `${begun.get(thread) ?? ''}${resumed}`;
    if (unfinished !== undefined ? !isRename(unfinished) : resumed !== undefined && isRename(whole)) continue;
    const [, name = '', given = ''] = /^(\w+)\((.*)$/.exec(unfinished ?? whole) ?? [];
    if (name === '' || (unfinished === undefined && !whole.endsWith(' = 0'))) continue;
    const texts = [...given.matchAll(/"([^"]*)"|\d+<([^>]*)>/g)].map(
      ([, quoted, opened]) => quoted ?? opened ?? '',
    );
    calls.push({ name, paths: texts.filter((text) => text.startsWith('/')) });
  }
  return calls;
}

/** Paths that are renamed away, or removed, with the calls that came before. */
function before(
  calls: readonly Call[],
  name: RegExp,
): { readonly paths: readonly string[]; readonly earlier: readonly Call[] }[] {
  return calls.flatMap(({ name: called, paths }, index) =>
    name.test(called) ? [{ paths, earlier: calls.slice(0, index) }] : [],
  );
}

const synced = (earlier: readonly Call[], path: string): boolean =>
  earlier.some(({ name, paths }) => name.includes('sync') && paths[0] === path);

describe.each(['made', 'restored'])('a build whose results are %s', (how) => {
  test('no file gets its name before its bytes are on the disk', () => {
    const { outDir, storeDir } = { outDir: project.outDir('killed'), storeDir: project.storeDir };
    // The files in work/ are for tools; the next test is about them.
    const places = before(traces[how] ?? [], /^rename/).filter(
      ({ paths: [, to = ''] }) =>
        to.startsWith(`${storeDir}/`) || (to.startsWith(`${outDir}/`) && !to.startsWith(`${outDir}/work/`)),
    );
    const names = places.map(({ paths: [, to = ''] }) => basename(to));
    expect(names).toEqual(expect.arrayContaining(['vmlinux', 'rootfs.ext4', 'build-kernel.json']));
    const early = places.filter(({ paths: [from = ''], earlier }) => !synced(earlier, from));
    expect(early.map(({ paths }) => paths.join(' -> '))).toEqual([]);
  });
});

test('a step counts as at work until what it left in its work directory is on the disk', () => {
  const outDir = project.outDir('killed');
  const ended = before(traces['made'] ?? [], /^unlink/).filter(({ paths: [path = ''] }) =>
    path.startsWith(`${outDir}/.lxc-kit/running/`),
  );
  const steps = ended.map(({ paths: [path = ''] }) => basename(path));
  expect(steps).toEqual(expect.arrayContaining(WORKING));
  for (const {
    paths: [mark = ''],
    earlier,
  } of ended) {
    const noted = earlier.findLastIndex(({ name, paths }) => name === 'fsync' && paths[0] === mark);
    expect(noted, mark).toBeGreaterThan(-1);
    const since = earlier.slice(noted);
    expect(synced(since, dirname(mark)), mark).toBe(true);
    if (!WORKING.includes(basename(mark))) continue;
    const workDir = join(outDir, 'work', basename(mark));
    expect(
      since.some(({ name, paths }) => name === 'syncfs' && paths[0] === workDir),
      mark,
    ).toBe(true);
  }
});

test('an unpacked tree gets its name when it is on the disk', () => {
  const trees = before(traces['made'] ?? [], /^rename/).filter(({ paths: [, to = ''] }) =>
    to.startsWith(join(project.storeDir, 'trees')),
  );
  // Four sources, and BusyBox with its corrections.
  expect(trees).toHaveLength(5);
  for (const {
    paths: [from = ''],
    earlier,
  } of trees)
    expect(
      earlier.some(({ name, paths }) => name === 'syncfs' && paths[0] === from),
      from,
    ).toBe(true);
});
