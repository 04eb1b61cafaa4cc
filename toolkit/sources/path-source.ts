import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { hostPath } from '../yaml/field-formats.ts';
import { pathIdentity } from './path-identity.ts';
import { sha256, version } from './source-fields.ts';
import type { SourceKind } from './source-kind.ts';
import type { PathSpec } from './take-path.ts';
import { versionOfTree } from './version.ts';

/** The user's own tarball or directory. */
export const pathSource: SourceKind<PathSpec> = {
  key: 'path',
  form: '{ path }',
  schema: z.strictObject({
    path: hostPath.describe('A tarball or a source tree on the host, relative to this file'),
    version: version.optional(),
    sha256: sha256.optional(),
  }),
  onHost: true,
  open: (spec) => ({
    description: spec.path,
    statedVersion: spec.version,
    fileName: basename(spec.path),
    local: {
      exists: () => existsSync(spec.path),
      identity: () => pathIdentity(spec.path),
      treeVersion: async (component) =>
        isDirectory(spec.path) ? versionOfTree(component, spec.path) : undefined,
    },
    settings() {
      const identity = pathIdentity(spec.path);
      // A tarball is copied into the store, so its path does not count; a tree is compiled in place, so its path does.
      return { path: identity.startsWith('file ') ? basename(spec.path) : spec.path, identity };
    },
    async take({ component }, context) {
      const { takePath } = await import('./take-path.ts');
      return takePath(component, spec, context);
    },
  }),
};

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
