// The part of mutate.mjs that runs test files: vitest stays loaded, so that a mutant costs its own tests only.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { createVitest } from 'vitest/node';

/** @typedef {'unit' | 'integration'} Project */

const dir = process.argv[2] ?? '.';
/** @type {Partial<Record<Project, import('vitest/node').Vitest>>} */
const vitest = {};

process.on('message', (message) => {
  const { files, changed } = /** @type {Record<'files' | 'changed', string[]>} */ (message);
  judge(files, changed).then(
    (verdict) => process.send?.({ verdict }),
    (/** @type {unknown} */ error) => process.send?.({ verdict: `an error: ${String(error)}` }),
  );
});

/** @type {(files: string[], changed: string[]) => Promise<string>} */
async function judge(files, changed) {
  for (const project of /** @type {const} */ (['unit', 'integration'])) {
    const own = files.filter((file) => file.startsWith('test/integration/') === (project === 'integration'));
    if (own.length === 0) continue;
    // The command line is compiled whatever the compiler thinks of the types: tests have to notice, not tsc.
    if (project === 'integration') compile();
    const verdict = await runTests(project, own, changed);
    if (verdict !== 'passed') return verdict;
  }
  return 'passed';
}

function compile() {
  execFileSync('npx', ['tsc', '-p', '.', '--noCheck'], { cwd: dir, stdio: 'ignore' });
  execFileSync('npm', ['run', '-s', 'bundle'], { cwd: dir, stdio: 'ignore' });
}

/** @type {(project: Project, files: string[], changed: string[]) => Promise<string>} */
async function runTests(project, files, changed) {
  vitest[project] ??= await openVitest(project);
  const runner = vitest[project];
  for (const file of changed) runner.invalidateFile(file);
  const specifications = files.flatMap((file) => runner.getModuleSpecifications(join(dir, file)));
  if (specifications.length < files.length) return `no tests in ${files.join(', ')}`;
  const { testModules, unhandledErrors } = await runner.runTestSpecifications(specifications);
  const paths = files.map((file) => join(dir, file));
  // Vitest also lists what earlier runs of it left.
  const own = testModules.filter(({ moduleId }) => paths.includes(moduleId));
  if (own.length < files.length) throw new Error(`vitest ran ${own.length} of ${files.length} test files`);
  for (const module of own) {
    if (module.ok()) continue;
    for (const test of module.children.allTests('failed')) return `"${test.fullName}"`;
    return `${module.relativeModuleId}: ${module.errors()[0]?.message ?? 'a suite'}`;
  }
  return unhandledErrors.length === 0 ? 'passed' : `an error outside of tests: ${String(unhandledErrors[0])}`;
}

/** @param {Project} project */
async function openVitest(project) {
  const opened = await createVitest('test', {
    root: dir,
    config: join(dir, 'test', 'vitest.config.ts'),
    project: [project],
    watch: false,
    reporters: [{}],
  });
  // Only files that were found this way are known.
  await opened.globTestSpecifications();
  return opened;
}
