import { redactUrls } from '../base/redact-urls.ts';

/** One place a source can come from, as in a board profile; paths are absolute already. */
export type SourceSpec =
  /** A file of an upstream server, pinned by its sha256. */
  | { readonly version?: string | undefined; readonly url: string; readonly sha256: string }
  /** A Debian package, through the host's apt configuration. */
  | { readonly debian: string }
  /** A pinned file below `pool/` of any Debian mirror the host uses. */
  | { readonly 'debian-pool': string; readonly sha256: string; readonly version?: string | undefined }
  /** A tarball or a directory of the user's. */
  | { readonly path: string; readonly version?: string | undefined; readonly sha256?: string | undefined };

/** What a candidate is called in messages; never shows a password. */
export function describeSpec(spec: SourceSpec): string {
  if ('url' in spec) return redactUrls(spec.url);
  if ('debian' in spec) return `Debian package ${spec.debian}`;
  if ('debian-pool' in spec) return `Debian pool ${spec['debian-pool']}`;
  return spec.path;
}
