/** An archive that holds images of containers, or describes one, and is no root filesystem itself. */
interface ImageArchive {
  /** For people: "an image as docker save writes it". */
  readonly is: string;
  /** One of the paths of each group is in it. */
  readonly marks: readonly (readonly RegExp[])[];
  /** How a root filesystem is made of it. */
  readonly help: string;
}

/** Archives that people take for a root filesystem. A row adds one. */
const imageArchives: readonly ImageArchive[] = [
  {
    // OCI image-spec, image-layout.md. docker save of Docker 25 and later writes one, too.
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
    help: 'give what docker export writes of a container made of it (docker load, docker create, docker export)',
  },
  {
    // LXD's and Incus' "Image format", unified tarball.
    is: 'an image of LXD or Incus',
    marks: [[/^metadata\.yaml$/], [/^rootfs$/, /^rootfs\.squashfs$/, /^rootfs\.img$/, /^templates$/]],
    help: 'give only what is in its rootfs',
  },
  {
    // What the download template of LXC calls meta.tar.xz.
    is: "the description of an image of LXC's download template",
    marks: [[/^create-message$/], [/^config$/]],
    help: 'give the rootfs.tar.xz that lies beside it',
  },
];

/**
 * What an archive or directory is instead of a root filesystem, and how to get one of it; undefined for what may be
 * one.
 *
 * @param paths Its entries, relative to its top, without `./`.
 */
export function recogniseImageArchive(paths: Iterable<string>): { is: string; help: string } | undefined {
  const all = [...paths];
  // Each of these directories is in a root filesystem that can start anything, and in none of the archives.
  if (all.some((path) => /^(?:s?bin|usr|etc|lib|dev|proc)(?:\/|$)/.test(path))) return undefined;
  return imageArchives.find(({ marks }) =>
    marks.every((group) => group.some((mark) => all.some((path) => mark.test(path)))),
  );
}
