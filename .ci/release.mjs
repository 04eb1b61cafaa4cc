// `npm run release -- 1.2.3`: checks, changes the version, commits, tags and packs. It pushes and publishes nothing.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const CHANGELOG = 'CHANGELOG.md';

/** @type {(...argv: [string, ...string[]]) => string} */
const run = (program, ...args) => execFileSync(program, args, { encoding: 'utf8' }).trim();

/** @type {(message: string) => never} */
function refuse(message) {
  console.error(`error: ${message}; nothing was changed`);
  process.exit(2);
}

const [version = ''] = process.argv.slice(2);
if (!/^\d+\.\d+\.\d+$/.test(version)) refuse('give the version: npm run release -- 1.2.3');
if (run('git', 'branch', '--show-current') !== 'main') refuse('releases are made on main');
if (run('git', 'status', '--porcelain') !== '') refuse('the checkout has changes that are not committed');
if (run('git', 'tag', '--list', `v${version}`) !== '') refuse(`the tag v${version} exists`);
const log = readFileSync(CHANGELOG, 'utf8');
const [, changes = ''] = /^## \[Unreleased\]\n([\s\S]*?)(?=^## \[|$(?![\s\S]))/m.exec(log) ?? [];
if (changes.trim() === '') refuse(`${CHANGELOG} has nothing under [Unreleased]`);

console.log('checking: .ci/run (half an hour or more)');
execFileSync('.ci/run', { stdio: 'inherit', env: { ...process.env, CI: 'true' } });

const today = new Date().toISOString().slice(0, 10);
writeFileSync(
  CHANGELOG,
  log.replace(/^## \[Unreleased\]\n/m, `## [Unreleased]\n\n## [${version}] - ${today}\n`),
);
run('npm', 'version', version, '--no-git-tag-version', '--allow-same-version');
run('git', 'commit', '--all', '--message', `release: ${version}`);
run('git', 'tag', '--annotate', `v${version}`, '--message', `lxc-kit ${version}`);
run('npm', 'run', 'build');
console.log(run('npm', 'pack'));
console.log(`next: git push origin main v${version}, and npm publish of that file`);
