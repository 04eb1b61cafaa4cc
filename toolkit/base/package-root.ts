import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of lxc-kit's package.json; `toolkit/` (sources) and `dist/` (compiled) are both directly in it. */
export const packageRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Path of a file or folder that is shipped with lxc-kit, such as `kconfig-fragments`. */
export function shippedPath(...parts: string[]): string {
  return join(packageRoot, ...parts);
}

/** lxc-kit's own version, from its package.json. */
export const packageVersion = (): string => ofPackage('version');

/** The address for reports of bugs, from package.json. */
export const bugsAddress = (): string => ofPackage('bugs');

function ofPackage(key: string): string {
  const manifest = JSON.parse(readFileSync(shippedPath('package.json'), 'utf8')) as Record<string, unknown>;
  return typeof manifest[key] === 'string' ? manifest[key] : 'unknown';
}
