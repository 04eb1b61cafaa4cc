import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, onTestFinished } from 'vitest';
import { shippedPath } from '../../../toolkit/base/package-root.ts';

/** The rooms that a child may import: `./host/run-tool.js`. */
const ROOMS = ['base', 'host', 'rootfs'];

/** The user and group without rights on every Linux. */
const NOBODY = 65534;

let compiledDir: string | undefined;
let scripts = 0;

afterAll(() => {
  if (compiledDir !== undefined) rmSync(compiledDir, { recursive: true, force: true });
});

/**
 * Runs a script in a Node.js process of its own, which imports the rooms under test as `./host/run-tool.js`.
 * For what a test cannot do to its own process: kill it, or take root's rights away from it.
 */
export function startChild(script: string, options: { asNobody?: boolean } = {}): ChildProcess {
  compiledDir ??= compileRooms();
  const file = join(compiledDir, `script-${scripts++}.mjs`);
  writeFileSync(file, script);
  const asNobody = options.asNobody === true && process.getuid?.() === 0;
  const child = spawn(process.execPath, [file], {
    cwd: '/',
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(asNobody ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** The first line that a child prints. */
export async function firstLineOf(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    text += chunk.toString();
    if (text.includes('\n')) break;
  }
  return text.split('\n')[0] ?? '';
}

/** The rooms as JavaScript, in a directory that is there until the test file is done. */
function compileRooms(): string {
  const dir = mkdtempSync(join(tmpdir(), 'lxc-kit-unit-rooms-'));
  for (const room of ROOMS) {
    mkdirSync(join(dir, room));
    for (const name of readdirSync(shippedPath('toolkit', room))) {
      const { outputText } = ts.transpileModule(readFileSync(shippedPath('toolkit', room, name), 'utf8'), {
        compilerOptions: {
          module: ts.ModuleKind.ESNext,
          target: ts.ScriptTarget.ES2023,
          rewriteRelativeImportExtensions: true,
        },
      });
      writeFileSync(join(dir, room, name.replace(/ts$/, 'js')), outputText);
    }
  }
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  symlinkSync(shippedPath('node_modules'), join(dir, 'node_modules'));
  // mkdtemp makes it for its owner alone.
  chmodSync(dir, 0o755);
  return dir;
}
