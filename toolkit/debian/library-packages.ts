/** Libraries of glibc itself, all in libc6 (libc6.1 and the like on other architectures have other loaders). */
const GLIBC =
  /^(?:libc|libm|libdl|librt|libpthread|libresolv|libutil|libanl|libnss_\w+|libnsl|libBrokenLocale|libthread_db|libmemusage|libpcprofile|libc_malloc_debug)\.so\.\d+$|^ld(?:-linux[\w-]*)?\.so\.\d+$/;

/**
 * Names of the Debian packages that may contain a shared library, the most likely first.
 * Source: Debian Policy 8.1: the soname with `.so.` taken out, a hyphen between two digits, in lower case, `_` as `-`;
 * since the change to 64-bit times, 32-bit architectures append `t64`.
 */
export function libraryPackages(soname: string): string[] {
  if (GLIBC.test(soname)) return ['libc6'];
  const match = /^(.+)\.so\.(.+)$/.exec(soname);
  const [, base = soname.replace(/\.so$/, ''), version = ''] = match ?? [];
  const hyphen = /\d$/.test(base) && /^\d/.test(version) ? '-' : '';
  const name = `${base}${hyphen}${version}`.toLowerCase().replaceAll('_', '-');
  return [name, `${name}t64`];
}
