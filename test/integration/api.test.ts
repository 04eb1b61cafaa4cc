import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot, shippedPath } from '../../toolkit/base/package-root.ts';
import { TempProject } from '../rigs/temp-project.ts';

/** A program of a user's, as docs/api.md shows it. */
const PROGRAM = `
import { openBoard, type BuildError, type BuildManifest, type PlannedStep } from 'lxc-kit';

const board = await openBoard('fake', { offline: true });
const before: PlannedStep[] = await board.plan();
const events: string[] = [];
const manifest: BuildManifest = await board.build({ onEvent: ({ type }) => void events.push(type) });
const after = await board.plan();
const again: BuildManifest | undefined = board.manifest();

let refused: Pick<BuildError, 'code' | 'hint'> | undefined;
try {
  await openBoard('fakr');
} catch (error) {
  const { code, hint } = error as BuildError;
  refused = { code, hint };
}

console.log(
  JSON.stringify({
    name: board.name,
    cgroup: board.profile['cgroup'],
    before: before.map(({ outcome }) => outcome),
    after: after.map(({ outcome }) => outcome),
    events: [...new Set(events)],
    artefacts: manifest.artefacts.map(({ path }) => path),
    same: JSON.stringify(again) === JSON.stringify(manifest),
    refused,
  }),
);
`;

interface Printed {
  readonly name: string;
  readonly cgroup: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly events: readonly string[];
  readonly artefacts: readonly string[];
  readonly same: boolean;
  readonly refused: { readonly code: string; readonly hint: string };
}

describe('the package lxc-kit, in a project of somebody else', () => {
  let project: TempProject;
  let printed: Printed;

  beforeAll(async () => {
    project = await TempProject.create();
    mkdirSync(join(project.dir, 'node_modules', '@types'), { recursive: true });
    symlinkSync(packageRoot, join(project.dir, 'node_modules', 'lxc-kit'));
    symlinkSync(
      shippedPath('node_modules', '@types', 'node'),
      join(project.dir, 'node_modules', '@types', 'node'),
    );
    project.write('package.json', '{ "type": "module" }\n');
    project.write('program.ts', PROGRAM);
    const compiler = shippedPath('node_modules', 'typescript', 'bin', 'tsc');
    const options = [
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--types',
      'node',
      'program.ts',
    ];
    execFileSync(process.execPath, [compiler, ...options], { cwd: project.dir, stdio: 'pipe' });
    const output = execFileSync(process.execPath, ['program.js'], {
      cwd: project.dir,
      env: project.env,
      encoding: 'utf8',
    });
    printed = JSON.parse(output) as Printed;
  }, 120_000);

  afterAll(() => project.remove());

  test('loads a profile', () => {
    expect(printed).toMatchObject({ name: 'fake', cgroup: 'v2' });
    expect(printed.refused).toEqual({ code: 'BOARD_UNKNOWN', hint: 'did you mean "fake"?' });
  });

  test('plans, builds and plans again', () => {
    expect(new Set(printed.before)).toEqual(new Set(['build']));
    expect(new Set(printed.after)).toEqual(new Set(['fresh']));
    expect(printed.events).toEqual(expect.arrayContaining(['step-started', 'step-finished', 'note']));
  });

  test('reads the manifest', () => {
    expect(printed.artefacts).toContain('images/rootfs.cpio.gz');
    expect(printed.same).toBe(true);
  });
});
