import { z } from 'zod';
import { listTree } from '../host/list-tree.ts';
import { hostPath } from '../yaml/field-formats.ts';
import type { ContentKind, RootfsContent } from './content-kind.ts';

const tar: ContentKind<{ readonly tar: string }> = {
  key: 'tar',
  form: '{ tar: FILE }',
  schema: z.strictObject({ tar: hostPath.describe('A tar file on the host, relative to this file') }),
  onHost: 'file',
  open: ({ tar: path }) => ({
    path,
    list: (label) => Promise.resolve({ files: { [label]: path }, layout: [] }),
    read: async (...where) => (await import('./read-tar.ts')).readTar(path, ...where),
  }),
};

const directory: ContentKind<{ readonly directory: string }> = {
  key: 'directory',
  form: '{ directory: DIR }',
  schema: z.strictObject({
    directory: hostPath.describe('A directory on the host, relative to this file'),
  }),
  onHost: 'directory',
  open: ({ directory: path }) => ({
    path,
    list: (label) => listTree(path, label),
    read: async (...where) => (await import('./read-directory.ts')).readDirectory(path, ...where),
  }),
};

/** The kinds of content, in the order in which messages list them. To add one, add a row. */
export const contentKinds = [tar, directory] as const;

/** An entry of one of these kinds in `rootfs.from`. */
export type ContentSpec = (typeof contentKinds)[number] extends infer Kind
  ? Kind extends ContentKind<infer Spec>
    ? Spec
    : never
  : never;

/** Opens the value of `rootfs.from`; undefined for a word, as such a root filesystem has no content on the host. */
export function openContent(from: string | ContentSpec): RootfsContent | undefined {
  if (typeof from === 'string') return undefined;
  const kind = contentKinds.find(({ key }) => key in from);
  if (kind === undefined) throw new Error(`${JSON.stringify(from)} is of no kind in the table`);
  // The key decides which kind it is.
  return (kind as ContentKind<ContentSpec>).open(from);
}
