/** The upstream part of a Debian version: `1:5.0.2-1+deb12u4` is `5.0.2` (Debian Policy 5.6.12). */
export function debianUpstreamVersion(debianVersion: string): string {
  return debianVersion.replace(/^\d+:/, '').replace(/-[^-]*$/, '');
}

/** The version in a file name: `lxc-5.0.2.tar.gz`, `busybox_1.37.0.orig.tar.bz2`, `linux-source-6.12_6.12.107-1_all.deb`. */
export function versionFromName(fileName: string): string | undefined {
  const deb = /^[^_]+_([^_]+)_[^_]+\.deb$/.exec(fileName);
  if (deb?.[1] !== undefined) return debianUpstreamVersion(deb[1].replaceAll('%3a', ':'));
  const orig = /^[^_]+_([^_]+)\.orig\.tar(?:\.\w+)?$/.exec(fileName);
  if (orig?.[1] !== undefined) return orig[1];
  const release = /^.+?-v?(\d[\w.+~-]*?)\.(?:tar|tar\.\w+|tgz|tbz2?|txz|tzst)$/.exec(fileName);
  return release?.[1];
}
