import type { ImageParameters } from './image-parameters.ts';
import type { RootfsManifest } from '../rootfs/manifest.ts';

/** Everything that an image writer needs; the same request always gives the same bytes. */
export interface ImageRequest {
  readonly manifest: RootfsManifest;
  /** The image to write. It appears under this name only when it is complete. */
  readonly file: string;
  /** The time of every entry and of the image itself, in seconds since 1970. */
  readonly epochSeconds: number;
  /** A directory of this step for the tools' intermediate files; created if missing. */
  readonly workDir: string;
  /** The output of the host tools is appended here. */
  readonly logFile: string;
  /** The host tools' environment; see `toolEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Bytes of files that the device makes later, which must fit beside the entries; by default none. */
  readonly reserveBytes?: number;
  /** The parameters that the profile sets for it. */
  readonly parameters?: ImageParameters;
}
