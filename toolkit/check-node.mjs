// Plain JavaScript that a Node of any age can read: it runs before anything is compiled, and before anything newer is loaded.
import { readFileSync } from 'node:fs';

/**
 * Whether this Node.js is one that lxc-kit runs on, as `engines` in its package.json says; if not, prints which one it
 * takes and how to get it.
 *
 * @param {string | URL} packageFile
 * @returns {boolean}
 */
export function checkNode(packageFile) {
  /** @type {unknown} */
  const parsed = JSON.parse(readFileSync(packageFile, 'utf8'));
  const { engines } = /** @type {{ engines: { node: string } }} */ (parsed);
  const needed = engines.node.replace('>=', '');
  const found = process.versions.node;
  if (!isOlder(found, needed)) return true;
  const lines = [
    'error: lxc-kit needs Node.js ' +
      needed +
      ' or later, but this is Node.js ' +
      found +
      ' (' +
      process.execPath +
      ')',
    '  help: Debian 13 has it (apt-get install nodejs npm). Debian 12 has Node.js 18: there, run as root:',
    '        npm install --global node@22, or install it from https://nodejs.org/en/download',
  ];
  process.stderr.write(lines.join('\n') + '\n');
  return false;
}

/** @type {(version: string, than: string) => boolean} */
function isOlder(version, than) {
  const left = version.split('.').map(Number);
  const right = than.split('.').map(Number);
  const part = right.findIndex((number, index) => number !== left[index]);
  return part !== -1 && Number(left[part]) < Number(right[part]);
}
