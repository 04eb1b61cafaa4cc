import { z } from 'zod';
import { hostPath, textLike } from './field-formats.ts';

const version = textLike(/^[0-9A-Za-z][0-9A-Za-z.+~_-]*$/, 'must be a version such as "6.1.161"').meta({
  description: 'The version of the source',
  examples: ['6.1.161'],
});
const sha256 = textLike(/^[0-9a-fA-F]{64}$/, 'must be a SHA-256 of 64 hexadecimal digits')
  .toLowerCase()
  .describe('The SHA-256 of the file, as sha256sum prints it');

const source = z
  .union(
    [
      z.strictObject({
        version,
        url: textLike(/^https?:\/\/[^\s/]+\/\S*$/, 'must be an http or https address').describe(
          'The http or https address of a tarball',
        ),
        sha256,
      }),
      z.strictObject({
        debian: textLike(/^[a-z0-9][a-z0-9+.-]+$/, 'must be the name of a Debian package').describe(
          "A Debian package, through the host's apt configuration",
        ),
      }),
      z.strictObject({
        'debian-pool': textLike(
          /^pool\/(?!.*\.\.)\S+$/,
          'must be a path in a Debian mirror that starts with pool/',
        ).describe('A file in the pool of any Debian mirror the host uses'),
        sha256,
        version: version.optional(),
      }),
      z.strictObject({
        path: hostPath.describe('A tarball or a source tree on the host, relative to this file'),
        version: version.optional(),
      }),
    ],
    {
      error: ({ input }) => {
        const forms = '{ version, url, sha256 }, { debian }, { debian-pool, sha256 } or { path }';
        const isLocal = typeof input === 'string' && input !== '' && !input.includes('://');
        return `must be ${forms}${isLocal ? `\nfor a local source write { path: ${input} }` : ''}`;
      },
    },
  )
  .meta({ id: 'source' });

/** The places of a source; the first available one is used. */
export const sources = z
  .array(source)
  .min(1)
  .optional()
  .describe("The places of the source, tried in order; by default lxc-kit's own list");

/** One place of a source. */
export type SourceEntry = z.output<typeof source>;
