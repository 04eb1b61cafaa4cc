import type { RootfsManifest } from '../rootfs/manifest.ts';

/** Everything a writer of images needs; the same request always gives the same bytes. */
export interface ImageRequest {
  readonly manifest: RootfsManifest;
  /** The image to write. It appears under this name only when it is whole. */
  readonly file: string;
  /** The time of every entry and of the image itself, in seconds since 1970. */
  readonly epochSeconds: number;
  /** A directory of the step's own for what the tools need on the way; made if it is not there. */
  readonly workDir: string;
  /** What the host tools print is appended here. */
  readonly logFile: string;
  /** The host tools' environment; see `toolEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** ext4 only: the size of the file system, rounded down to whole 4 KiB blocks. Default: what the contents need, and a little more. */
  readonly sizeBytes?: number;
}
