import type { z } from 'zod';

/** Runs a check also on a mapping or list with other mistakes, so that one run reports all problems. */
export const evenWithMistakes = {
  when: ({ value }: z.core.ParsePayload): boolean => typeof value === 'object' && value !== null,
};

/** Returns a check for lists: entries must differ in `key`. */
export function refuseTwice<Entry extends object>(
  key: keyof Entry & string,
): (entries: Entry[], context: z.core.$RefinementCtx<Entry[]>) => void {
  return (entries, context) => {
    if (!Array.isArray(entries)) return;
    const seen = new Map<unknown, number>();
    entries.forEach((entry: Partial<Entry> | null, index) => {
      const value = entry?.[key];
      if (value === undefined) return;
      const first = seen.get(value);
      if (first === undefined) seen.set(value, index);
      else {
        const message = `is ${JSON.stringify(value)}, the same as in entry [${first}]`;
        context.addIssue({ code: 'custom', path: [index, key], message, input: value });
      }
    });
  };
}
