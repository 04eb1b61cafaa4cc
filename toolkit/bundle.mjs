// `npm run bundle`: puts what tsc wrote to dist/ into dist/bin/, which is what the package contains.
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const made = join(root, 'dist', 'bundle');
const program = join(made, 'lxc-kit.js');

/** @type {unknown} */
const parsed = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { dependencies, devDependencies } =
  /** @type {Record<'dependencies' | 'devDependencies', Record<string, string>>} */ (parsed);
const bundle = await rolldown({
  input: { 'lxc-kit': join(root, 'toolkit', 'lxc-kit.mjs'), api: join(root, 'dist', 'session', 'api.js') },
  platform: 'node',
  external: Object.keys(dependencies),
  cwd: root,
});
rmSync(made, { recursive: true, force: true });
const { output } = await bundle.write({ dir: made, entryFileNames: '[name].js' });

// The licences of the packages that are part of the bundle.
const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
const bundled = Object.keys(devDependencies).filter((name) =>
  modules.some((id) => id.includes(`/node_modules/${name}/`)),
);
const licences = bundled.map((name) => readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8'));
writeFileSync(join(made, 'LICENSES'), licences.join(''));

// The declarations of the API; its exported types name no other file.
const api = readFileSync(join(root, 'toolkit', 'session', 'api.ts'), 'utf8');
const { outputText } = ts.transpileDeclaration(api, { fileName: 'api.ts' });
writeFileSync(join(made, 'api.d.ts'), outputText);

chmodSync(program, 0o755);
writeFileSync(join(made, 'lxc-kit.1'), execFileSync(process.execPath, [program, 'man']));

rmSync(join(root, 'dist', 'bin'), { recursive: true, force: true });
renameSync(made, join(root, 'dist', 'bin'));
