import { z } from 'zod';
import {
  absolutePathOrRoot,
  hostName,
  hostPath,
  idNumber,
  oneLine,
  textLike,
} from '../yaml/field-formats.ts';
import { evenWithMistakes, refuseTwice } from '../yaml/refuse-twice.ts';

const rootfsFileBase = {
  path: absolutePathOrRoot.meta({ description: 'The path on the device', examples: ['/dev/console'] }),
  uid: idNumber.default(0).describe('The owner'),
  gid: idNumber.default(0).describe('The group'),
};
const mode = textLike(/^[0-7]{3,4}$/, 'must be three or four octal digits such as "0755"').meta({
  description: 'The permissions as octal digits in quotes',
  examples: ['0755'],
});
const dev = textLike(/^[0-9]+:[0-9]+$/, 'must be two numbers such as "5:1"').meta({
  description: 'The major and minor number',
  examples: ['5:1'],
});

const fileType = <Type extends string>(type: Type) =>
  z
    .literal(type)
    .meta({ description: 'What it is: dir, file, symlink, char, block or fifo', examples: ['dir'] });

const rootfsFile = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: fileType('dir'), ...rootfsFileBase, mode }),
    z.strictObject({
      type: fileType('file'),
      ...rootfsFileBase,
      mode,
      source: hostPath
        .optional()
        .describe(
          'The file on the host, relative to this file; without it the file is already in the rootfs',
        ),
    }),
    z.strictObject({
      type: fileType('symlink'),
      ...rootfsFileBase,
      target: oneLine.meta({ description: 'The target of the link', examples: ['/proc/mounts'] }),
    }),
    z.strictObject({ type: fileType('char'), ...rootfsFileBase, mode, dev }),
    z.strictObject({ type: fileType('block'), ...rootfsFileBase, mode, dev }),
    z.strictObject({ type: fileType('fifo'), ...rootfsFileBase, mode }),
  ],
  {
    error: ({ input }) =>
      typeof input === 'object' ? 'must be dir, file, symlink, char, block or fifo' : 'must be a mapping',
  },
);

/** The root filesystem of the device. */
export const rootfs = z.strictObject({
  hostname: hostName.optional().describe('The host name of the device; by default the name of the board'),
  overlays: z
    .array(hostPath)
    .default([])
    .describe('Folders to copy over the root filesystem, relative to this file'),
  files: z
    .array(rootfsFile)
    .superRefine(refuseTwice('path'), evenWithMistakes)
    .default([])
    .describe('Modes, owners, links and device nodes, applied when images are written'),
});

/** An entry of `rootfs.files`. */
export type RootfsFile = z.output<typeof rootfsFile>;
