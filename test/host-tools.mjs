// Installs what the tests use beyond what the boards need: as root or by sudo, like `doctor --install`.
import { existsSync } from 'node:fs';
import { $, chalk, which } from 'zx';

/** Program, or file, and the Debian package it comes from. The one place to add one. */
const tools = [
  ['zstd', 'zstd'],
  ['cpio', 'cpio'],
  ['script', 'bsdutils'],
  ['setpriv', 'util-linux'],
  ['unshare', 'util-linux'],
  ['tmux', 'tmux'],
  ['ccache', 'ccache'],
  ['strace', 'strace'],
  ['openssl', 'openssl'],
  ['/usr/include/ncurses.h', 'libncurses-dev'],
  // LXC for this machine, in every release, to read the configurations that are written for it.
  ['gcc', 'gcc'],
  ['meson', 'meson'],
  ['autoconf', 'autoconf'],
  ['automake', 'automake'],
  ['libtoolize', 'libtool'],
  ['/usr/include/sys/capability.h', 'libcap-dev'],
  ['/usr/include/seccomp.h', 'libseccomp-dev'],
];

const missing = [];
for (const [name, debianPackage] of tools) {
  const found = name.startsWith('/') ? existsSync(name) : (await which(name, { nothrow: true })) !== null;
  if (!found) missing.push(debianPackage);
}
if (missing.length > 0) {
  const privileged = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  console.error(`installing for the tests: ${missing.join(' ')}`);
  const quiet = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  try {
    await $(quiet)`${privileged} apt-get update -q`;
    await $(quiet)`${privileged} apt-get install -q -y --no-install-recommends ${missing}`;
  } catch {
    console.error(chalk.red(`the tests need these Debian packages: ${missing.join(' ')}`));
    process.exitCode = 3;
  }
}
