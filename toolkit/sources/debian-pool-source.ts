import { basename } from 'node:path';
import { z } from 'zod';
import { textLike } from '../yaml/field-formats.ts';
import { sha256, version } from './source-fields.ts';
import type { SourceKind } from './source-kind.ts';

interface PoolSpec {
  readonly 'debian-pool': string;
  readonly sha256: string;
  readonly version?: string | undefined;
}

/** A pinned file below `pool/` of any Debian mirror that the host uses. */
export const debianPoolSource: SourceKind<PoolSpec> = {
  key: 'debian-pool',
  form: '{ debian-pool, sha256 }',
  schema: z.strictObject({
    'debian-pool': textLike(
      /^pool\/(?!.*\.\.)\S+$/,
      'must be a path in a Debian mirror that starts with pool/',
    ).describe('A file in the pool of any Debian mirror the host uses'),
    sha256,
    version: version.optional(),
  }),
  open(spec) {
    const path = spec['debian-pool'];
    return {
      description: `Debian pool ${path}`,
      statedVersion: spec.version,
      fileName: basename(path),
      settings: () => ({ ...spec }),
      async take({ component }, context) {
        const { downloadFromPool } = await import('../debian/debian-pool.ts');
        const { takeFile } = await import('./take-file.ts');
        return takeFile(component, context, {
          ...spec,
          kind: 'debian-pool',
          name: basename(path),
          origin: `Debian pool ${path}`,
          download: () => downloadFromPool(path, spec.sha256, context),
        });
      },
    };
  },
};
