/** A kind of archive that contains or describes container images but is not a root filesystem. */
interface ImageArchive {
  /** The name in messages: "an image as docker save writes it". */
  readonly is: string;
  /** It contains one of the paths of each group. */
  readonly marks: readonly (readonly RegExp[])[];
  /** How to make a root filesystem from it. */
  readonly help: string;
}

/** Archives that people mistake for a root filesystem. To add one, add a row. */
const imageArchives: readonly ImageArchive[] = [
  {
    // OCI image-spec, image-layout.md. docker save of Docker 25 and later also writes one.
    is: 'an OCI image',
    marks: [[/^oci-layout$/], [/^index\.json$/, /^blobs\/sha256$/]],
    help: 'unpack its layers first, for example with umoci unpack, or docker load, docker create and docker export',
  },
  {
    // Docker's image specification v1.2, "Combined Image JSON + Filesystem Changeset Format".
    is: 'an image as docker save writes it',
    marks: [
      [/^manifest\.json$/, /^repositories$/],
      [/^[^/]+\/layer\.tar$/, /^[0-9a-f]{64}\.tar$/],
    ],
    help: 'use the output of docker export for a container of this image (docker load, docker create, docker export)',
  },
  {
    // LXD's and Incus' "Image format", unified tarball.
    is: 'an image of LXD or Incus',
    marks: [[/^metadata\.yaml$/], [/^rootfs$/, /^rootfs\.squashfs$/, /^rootfs\.img$/, /^templates$/]],
    help: 'use only the content of its rootfs',
  },
  {
    // meta.tar.xz of LXC's download template.
    is: "the description of an image of LXC's download template",
    marks: [[/^create-message$/], [/^config$/]],
    help: 'use the rootfs.tar.xz beside it',
  },
];

/**
 * Says what an archive or directory is instead of a root filesystem, and how to get one from it; undefined if it may be
 * one.
 *
 * @param paths Its entries, relative to its top, without `./`.
 */
export function recogniseImageArchive(paths: Iterable<string>): { is: string; help: string } | undefined {
  const all = [...paths];
  // Every usable root filesystem has one of these directories, and no such archive does.
  if (all.some((path) => /^(?:s?bin|usr|etc|lib|dev|proc)(?:\/|$)/.test(path))) return undefined;
  return imageArchives.find(({ marks }) =>
    marks.every((group) => group.some((mark) => all.some((path) => mark.test(path)))),
  );
}
