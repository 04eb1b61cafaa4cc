import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shippedPath } from '../../../toolkit/base/package-root.ts';

/** Strips the types off some rooms of toolkit/, for a test that needs them in a process of its own. */
export async function compileRooms(outDir: string, rooms: readonly string[]): Promise<void> {
  const { default: ts } = await import('typescript');
  for (const room of rooms) {
    mkdirSync(join(outDir, room), { recursive: true });
    for (const file of readdirSync(shippedPath('toolkit', room)).filter((name) => name.endsWith('.ts'))) {
      const { outputText } = ts.transpileModule(readFileSync(shippedPath('toolkit', room, file), 'utf8'), {
        compilerOptions: {
          target: ts.ScriptTarget.ES2023,
          module: ts.ModuleKind.ESNext,
          rewriteRelativeImportExtensions: true,
          verbatimModuleSyntax: true,
        },
      });
      writeFileSync(join(outDir, room, file.replace(/\.ts$/, '.js')), outputText);
    }
  }
}
