import { z } from 'zod';
import { SOURCE_FORMS, sourceKinds } from '../sources/source-kinds.ts';

const source = z
  .union(
    sourceKinds.map(({ schema }) => schema),
    {
      error: ({ input }) => {
        const isLocal = typeof input === 'string' && input !== '' && !input.includes('://');
        return `must be ${SOURCE_FORMS}${isLocal ? `\nfor a local source write { path: ${input} }` : ''}`;
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
