import type { ResolvedSource } from '../download/resolved-source.ts';
import type { SourceContext } from '../download/source-context.ts';
import { storedFile, type StoredFile } from '../download/store.ts';
import { Unavailable } from '../download/unavailable.ts';
import { versionFromName } from '../download/version-from-name.ts';
import { asTarball } from '../unpack/deb.ts';

/** A pinned file that can be downloaded. */
interface PinnedFile {
  readonly kind: ResolvedSource['kind'];
  readonly name: string;
  readonly sha256: string;
  readonly version?: string | undefined;
  readonly origin: string;
  readonly download: () => Promise<StoredFile>;
}

/** Takes a pinned file from the store, or downloads it. Throws Unavailable or SOURCE_HASH_MISMATCH. */
export async function takeFile(
  component: string,
  context: SourceContext,
  { kind, name, sha256, version, origin, download }: PinnedFile,
): Promise<ResolvedSource> {
  const kept = await storedFile(context.storeDir, sha256, name);
  if (kept === undefined && context.offline)
    throw new Unavailable(`${name} is not in the store, and --offline was given`);
  const tarball = await asTarball(kept ?? (await download()), context);
  return {
    component,
    kind,
    form: 'tarball',
    version: version ?? versionFromName(name),
    origin,
    sha256: tarball.sha256,
    files: [tarball],
  };
}
