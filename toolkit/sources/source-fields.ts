import { textLike } from '../yaml/field-formats.ts';

/** A version in an entry of a profile. */
export const version = textLike(/^[0-9A-Za-z][0-9A-Za-z.+~_-]*$/, 'must be a version such as "6.1.161"').meta(
  { description: 'The version of the source', examples: ['6.1.161'] },
);

/** The pinned hash of a file. */
export const sha256 = textLike(/^[0-9a-fA-F]{64}$/, 'must be a SHA-256 of 64 hexadecimal digits')
  .toLowerCase()
  .describe('The SHA-256 of the file, as sha256sum prints it');
