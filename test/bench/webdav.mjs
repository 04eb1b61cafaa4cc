// nginx with WebDAV as the tests have it. The rig is TypeScript, which this Node does not read by itself.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

/** @param {{ root: string, workDir: string }} places */
export async function startWebDav({ root, workDir }) {
  const rig = readFileSync(join(root, 'test/rigs/webdav-server.ts'), 'utf8').replace(
    '../../toolkit/base/package-root.ts',
    pathToFileURL(join(root, 'dist/base/package-root.js')).href,
  );
  const { outputText } = ts.transpileModule(rig, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  const file = join(workDir, 'webdav-server.mjs');
  writeFileSync(file, outputText);
  /** @type {unknown} */
  const loaded = await import(pathToFileURL(file).href);
  const module = /** @type {typeof import('../rigs/webdav-server.ts')} */ (loaded);
  const dir = join(workDir, 'webdav');
  mkdirSync(dir, { recursive: true });
  return module.startWebDav(dir);
}
