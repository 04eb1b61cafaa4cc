import { z } from 'zod';
import { joinWords } from '../base/join-words.ts';
import { diskImageKinds } from '../images/formats.ts';
import { imageSize } from '../images/image-parameters.ts';
import { contentKinds } from '../rootfs/content-kinds.ts';
import { absolutePath } from '../yaml/field-formats.ts';
import { evenWithMistakes } from '../yaml/refuse-twice.ts';

/** The root filesystems without content on the host. */
const WORDS = ['bind', 'busybox'] as const;

/** The root filesystem of a container. */
export const containerRootfs = z
  .strictObject({
    path: absolutePath
      .regex(/^[^:]*$/, 'must be a path without ":": LXC reads it as the end of a storage type')
      .optional()
      .describe('Its path on the device; by default /opt/lxc/NAME. The LXC config is written to PATH.conf'),
    from: z
      .union([z.enum(WORDS), ...contentKinds.map(({ schema }) => schema)], {
        error: `must be ${joinWords([...WORDS, ...contentKinds.map(({ form }) => form)], 'or')}`,
      })
      .default('bind')
      .describe(
        'bind: directories and bind mounts only; busybox: its own static BusyBox; or the content of a tar file or directory',
      ),
    image: z
      .enum(diskImageKinds)
      .optional()
      .describe(
        `Packs it into the file ${diskImageKinds.map((kind) => `PATH.${kind}`).join(' or ')}, which is mounted at PATH at boot`,
      ),
    readonly: z.boolean().default(false).describe('Whether it is read-only'),
    size: imageSize.describe(
      'What the container may write, such as 16M; also limits the number of files. With "image: ext4" the size of the image; without it no limit',
    ),
    overlay: z
      .strictObject({
        upper: absolutePath
          .regex(/^[^:]*$/, 'must be a path without ":": LXC ends the path there')
          .optional()
          .describe(
            'The directory on the device that keeps the changes; by default they are in memory until a restart',
          ),
      })
      .optional()
      .describe("Keeps it unchanged and stores the container's changes in an overlay"),
  })
  .superRefine(refuseContradictions, evenWithMistakes);

interface WrittenRootfs {
  readonly readonly?: boolean | undefined;
  readonly size?: number | undefined;
  readonly image?: string | undefined;
  readonly overlay?: { readonly upper?: string | undefined } | undefined;
}

function refuseContradictions(
  { readonly = false, overlay, size, image }: WrittenRootfs,
  context: z.core.$RefinementCtx<WrittenRootfs>,
): void {
  const refuse = (key: string, input: unknown, message: string): void => {
    context.addIssue({ code: 'custom', path: [key], message, input });
  };
  if (readonly && overlay !== undefined)
    refuse(
      'readonly',
      readonly,
      'must not be set: with an overlay, all changes go there and the root filesystem stays unchanged',
    );
  if (size === undefined) return;
  if (readonly)
    refuse(
      'size',
      size,
      'must not be set: nothing is written to a read-only root filesystem\nremove one of the two',
    );
  if (overlay?.upper !== undefined)
    refuse(
      'size',
      size,
      `must not be set: only a partition limits the directory ${overlay.upper}\nremove overlay.upper, or the size and give ${overlay.upper} a partition of its own`,
    );
  else if (overlay !== undefined && image === 'ext4')
    refuse(
      'size',
      size,
      'must not be set: the changes go to the overlay, and nothing is written to the image\nwrite "image: squashfs", or remove the overlay',
    );
}
