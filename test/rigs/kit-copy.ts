import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../toolkit/base/package-root.ts';
import type { Addition } from './additions.ts';

const COPIED = [
  'toolkit',
  'kconfig-fragments',
  'busybox-config',
  'guest-shell',
  'rootfs-skeleton',
  'boards',
  'package.json',
  'tsconfig.json',
  // The files that tsc keeps there save the copy most of its work.
  'dist',
];

/** A copy of lxc-kit that a test may change. */
export class KitCopy {
  readonly dir = mkdtempSync(join(tmpdir(), 'lxc-kit-copy-'));
  readonly cliFile = join(this.dir, 'dist', 'bin', 'lxc-kit.js');

  constructor() {
    for (const name of COPIED)
      cpSync(join(packageRoot, name), join(this.dir, name), { recursive: true, preserveTimestamps: true });
    symlinkSync(join(packageRoot, 'node_modules'), join(this.dir, 'node_modules'));
  }

  /** Throws when the text before which something goes is not there, or a new file is there already. */
  add({ what, changes }: Addition): void {
    for (const { file, before, text } of changes) {
      const path = join(this.dir, file);
      if (before === undefined) {
        if (existsSync(path)) throw new Error(`${what}: ${file} exists`);
        writeFileSync(path, text);
        continue;
      }
      const old = readFileSync(path, 'utf8');
      const at = old.indexOf(before);
      if (at < 0) throw new Error(`${what}: ${file} has no "${before}"`);
      writeFileSync(path, old.slice(0, at) + text + old.slice(at));
    }
  }

  /** Checks the types and bundles the command line. Throws with what the compiler says. */
  build(): void {
    try {
      execFileSync('npx', ['tsc', '-p', '.'], { cwd: this.dir, encoding: 'utf8', stdio: 'pipe' });
      execFileSync('npm', ['run', '-s', 'bundle'], { cwd: this.dir, encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
      throw new Error(`the copy does not compile:\n${output}`, { cause: error });
    }
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
