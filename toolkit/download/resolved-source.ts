import type { StoredFile } from './store.ts';

/** A source that is on this machine, complete and verified. */
export interface ResolvedSource {
  readonly component: string;
  readonly kind: 'url' | 'debian' | 'debian-pool' | 'path' | 'tree';
  /** A tarball in the store; a directory of the user's; Debian binary packages in the store. */
  readonly form: 'tarball' | 'tree' | 'debs';
  /** Upstream's version, if the profile, the Debian version or the file name contains it. */
  readonly version: string | undefined;
  /** For people: `https://…`, `Debian package linux-source-6.1 6.1.192-2`, `Debian pool pool/main/b/…`, `/home/me/lxc.tar.gz`. */
  readonly origin: string;
  /** Identity: the tarball's hash; a hash of the packages' sorted hashes; for a directory, see `treeIdentity`. */
  readonly sha256: string;
  readonly files: readonly StoredFile[];
  /** Only with form `tree`: the user's directory. */
  readonly treeDir?: string;
}
