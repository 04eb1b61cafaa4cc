import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The last Debian with packages for mipsel, among them the LXC that the boot tests boot. */
const LAST_DEBIAN_WITH_MIPSEL = 12;

/** That LXC's release; a later Debian needs its source. */
const RELEASE = '5.0.2';

/**
 * The arguments of a build that gives LXC to a boot test: none where Debian has it, else its tarball in the folder that
 * LXC_KIT_LXC_SOURCES names. Without that folder the build takes it from upstream, or fails and says what to give.
 */
export function lxcForBoots(): readonly string[] {
  if (!isLaterDebian()) return [];
  const folder = process.env['LXC_KIT_LXC_SOURCES'];
  const tarball = join(folder ?? '', `lxc-${RELEASE}.tar.gz`);
  if (folder !== undefined && existsSync(tarball)) return ['--source', `lxc=${tarball}`];
  process.stderr.write(
    `This Debian has no LXC for mipsel. Where upstream is not reachable, name a folder with lxc-${RELEASE}.tar.gz in LXC_KIT_LXC_SOURCES.\n`,
  );
  return [];
}

/** Whether this machine is a Debian without packages for mipsel and without Linux 6.1. */
export function isLaterDebian(): boolean {
  if (!existsSync('/etc/debian_version')) return false;
  const release = /^VERSION_ID="?(\d+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  return release !== undefined && Number(release) > LAST_DEBIAN_WITH_MIPSEL;
}
