import { z } from 'zod';
import { absolutePath, hostPath } from './field-formats.ts';
import { evenWithMistakes } from './refuse-twice.ts';

/** The root filesystem of a container. */
export const containerRootfs = z
  .strictObject({
    path: absolutePath
      .regex(/^[^:]*$/, 'must be a path without ":", which LXC takes for the end of a storage type')
      .optional()
      .describe('Where it lies on the device; without it /opt/lxc/NAME. The LXC config is put at PATH.conf'),
    from: z
      .union(
        [
          z.enum(['bind', 'busybox']),
          z.strictObject({ tar: hostPath.describe('A tar file on the host, relative to this file') }),
          z.strictObject({ directory: hostPath.describe('A directory on the host, relative to this file') }),
        ],
        { error: 'must be bind, busybox, { tar: FILE } or { directory: DIR }' },
      )
      .default('bind')
      .describe(
        'bind: directories and bind mounts only; busybox: a static BusyBox of its own; or what a tar file or a directory holds',
      ),
    image: z
      .enum(['squashfs', 'ext4'])
      .optional()
      .describe(
        'Packs it into a file PATH.squashfs or PATH.ext4 that is mounted at PATH when the device starts',
      ),
    readonly: z.boolean().default(false).describe('Whether the container may not change it'),
    overlay: z
      .strictObject({
        upper: absolutePath
          .regex(/^[^:]*$/, 'must be a path without ":", at which LXC ends it')
          .optional()
          .describe('The directory on the device that keeps the changes; without it memory, until a restart'),
      })
      .optional()
      .describe('Leaves it as it is and lays what the container changes over it'),
  })
  .superRefine(({ readonly, overlay }, context) => {
    if (!readonly || overlay === undefined) return;
    const message = 'must not be set: with an overlay the changes go there, and nothing else is written';
    context.addIssue({ code: 'custom', path: ['readonly'], message, input: readonly });
  }, evenWithMistakes);
