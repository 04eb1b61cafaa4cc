import type { z } from 'zod';

/** Runs a check on a map or list that has other mistakes, too, so that all problems are seen in one run. */
export const evenWithMistakes = {
  when: ({ value }: z.core.ParsePayload): boolean => typeof value === 'object' && value !== null,
};

/** A check for lists: two entries must not have the same `key`. */
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
        const message = `is ${JSON.stringify(value)}, as in entry [${first}] already`;
        context.addIssue({ code: 'custom', path: [index, key], message, input: value });
      }
    });
  };
}

/** A check for lists of words: none of `known` may stand there twice. */
export function refuseSame(
  known: readonly string[],
): (words: readonly string[], context: z.core.$RefinementCtx<string[]>) => void {
  return (words, context) => {
    if (!Array.isArray(words)) return;
    for (const word of known) {
      const first = words.indexOf(word);
      const second = first === -1 ? -1 : words.indexOf(word, first + 1);
      if (second === -1) continue;
      const message = `is ${JSON.stringify(word)}, as in entry [${first}] already`;
      context.addIssue({ code: 'custom', path: [second], message, input: word });
    }
  };
}
