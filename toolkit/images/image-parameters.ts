import { z } from 'zod';

/** The parameters of an image in a profile. */
export interface ImageParameters {
  /** Bytes. */
  readonly size?: number | undefined;
}

const UNITS = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 } as const;

/** A size such as 64M; parsed into bytes. */
export const imageSize = z
  .string({ error: 'must be a size such as 64M' })
  .regex(/^[1-9][0-9]*[KMG]$/, { error: 'must be a size such as 64M' })
  .transform((text) => Number(text.slice(0, -1)) * UNITS[text.slice(-1) as keyof typeof UNITS])
  .optional();
