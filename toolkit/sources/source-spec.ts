import { redactUrls } from '../base/redact-urls.ts';

/** One possible origin of a source, as in a board profile; paths are already absolute. */
export type SourceSpec =
  /** A file of an upstream server, pinned by its sha256. */
  | { readonly version?: string | undefined; readonly url: string; readonly sha256: string }
  /** A Debian package, through the host's apt configuration. */
  | { readonly debian: string }
  /** A pinned file below `pool/` of any Debian mirror that the host uses. */
  | { readonly 'debian-pool': string; readonly sha256: string; readonly version?: string | undefined }
  /** The user's own tarball or directory. */
  | { readonly path: string; readonly version?: string | undefined; readonly sha256?: string | undefined };

/** The name of a candidate in messages, without passwords. */
export function describeSpec(spec: SourceSpec): string {
  if ('url' in spec) return redactUrls(spec.url);
  if ('debian' in spec) return `Debian package ${spec.debian}`;
  if ('debian-pool' in spec) return `Debian pool ${spec['debian-pool']}`;
  return spec.path;
}
