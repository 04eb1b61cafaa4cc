import { z } from 'zod';
import { absolutePath, oneWord, textLike } from '../yaml/field-formats.ts';

const SAFE_OPTIONS = ['ro', 'nosuid', 'nodev'];

const mountOptions = z.array(
  textLike(/^[^\s,\p{Cc}]+$/u, 'must be one mount option without spaces or commas'),
);

/** A path of the device's own root filesystem that a container sees; a plain path is written out. */
export const bindMount = z
  .union(
    [
      absolutePath,
      z.strictObject({
        from: absolutePath.meta({
          description: "The path in the device's root filesystem",
          examples: ['/lib'],
        }),
        to: absolutePath.optional().describe('The path in the container; by default the same'),
        options: mountOptions.default(SAFE_OPTIONS).describe('Mount options; "bind" is added'),
        optional: z.boolean().default(false).describe('Whether the container may start without it'),
      }),
    ],
    { error: 'must be an absolute path or { from: PATH, to: PATH, options: […] }' },
  )
  .transform((entry) =>
    typeof entry === 'string'
      ? { from: entry, to: entry, options: [...SAFE_OPTIONS], optional: false }
      : { ...entry, to: entry.to ?? entry.from },
  );

/** Any other file system of a container, such as a tmpfs. */
export const containerMount = z.strictObject({
  type: oneWord.meta({ description: 'The type of the file system', examples: ['tmpfs'] }),
  from: oneWord.optional().describe('The source of the mount; by default the name of the type'),
  to: absolutePath.meta({ description: 'The path in the container', examples: ['/tmp'] }),
  options: mountOptions.default([]).describe('Mount options; create=dir creates the directory'),
});

export type BindMount = z.output<typeof bindMount>;
export type ContainerMount = z.output<typeof containerMount>;
