import { hashBytes } from '../host/hash-file.ts';
import type { RootfsManifest } from '../rootfs/manifest.ts';

/** The fields of an entry that get into an image. `source` is not one: it says only where the bytes are on the host. */
const HASHED_FIELDS = [
  'path',
  'type',
  'mode',
  'uid',
  'gid',
  'sha256',
  'sizeBytes',
  'target',
  'major',
  'minor',
];

/**
 * Returns a UUID (version 8 of RFC 9562, section 5.8) made from the content of a root filesystem, for formats that need
 * one: with a random UUID each image would be different. `purpose` keeps UUIDs for different uses apart.
 */
export function contentUuid(manifest: RootfsManifest, purpose: string): string {
  // A list of names as second argument also fixes the order of the fields.
  const content = JSON.stringify(manifest.entries, HASHED_FIELDS);
  const digest = Buffer.from(hashBytes(`${purpose}\n${content}`), 'hex').subarray(0, 16);
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x80, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  return digest.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
