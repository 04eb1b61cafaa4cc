// Installs what the tests use beyond what the boards need: as root or by sudo, like `doctor --install`.
import { existsSync, readFileSync } from 'node:fs';
import { $, chalk, which } from 'zx';

/**
 * Program, or file, and the Debian package it comes from; `unit`: the unit tests need it too. LXC for this machine is
 * compiled in every release, to read the configurations that are written for it.
 */
const tools = /** @type {{ name: string, package: string, unit?: boolean }[]} */ (
  readJson(new URL('host-tools.json', import.meta.url))
);

const missing = [];
for (const { name, package: debianPackage } of tools) {
  const found = name.startsWith('/') ? existsSync(name) : (await which(name, { nothrow: true })) !== null;
  if (!found) missing.push(debianPackage);
}
if (missing.length > 0) {
  const privileged = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  console.error(`installing for the tests: ${missing.join(' ')}`);
  const quiet = {
    stdio: /** @type {const} */ ('inherit'),
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  try {
    await $(quiet)`${privileged} apt-get update -q`;
    await $(quiet)`${privileged} apt-get install -q -y --no-install-recommends ${missing}`;
  } catch {
    console.error(chalk.red(`the tests need these Debian packages: ${missing.join(' ')}`));
    process.exitCode = 3;
  }
}

/** @type {(file: URL) => unknown} */
function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
