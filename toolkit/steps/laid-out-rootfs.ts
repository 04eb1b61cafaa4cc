/** The manifest of a part of the rootfs. */
export interface LaidOutRootfs {
  readonly manifestFile: string;
}
