import { z } from 'zod';
import { joinWords } from '../base/join-words.ts';
import { formatOf, imageKinds, type ImageFormat } from '../images/formats.ts';
import type { ImageParameters } from '../images/image-parameters.ts';
import { evenWithMistakes } from '../yaml/refuse-twice.ts';

/** An entry of `images`: a format, or a format with its parameters. */
type ImageEntry = ImageFormat | Readonly<Partial<Record<ImageFormat, ImageParameters>>>;

const WITH_PARAMETERS = imageKinds.flatMap((kind) => {
  const { parameters } = formatOf(kind);
  return parameters === undefined
    ? []
    : [z.strictObject({ [kind]: parameters.describe(`The parameters of ${kind}`) })];
});

const SENTENCE = `must be ${joinWords(imageKinds, 'or')}`;

const entry: z.ZodType<ImageEntry> = z.union([z.enum(imageKinds), ...WITH_PARAMETERS], {
  error: ({ input }) =>
    typeof input === 'string'
      ? SENTENCE
      : `${SENTENCE}\nwrite a format with parameters as { ext4: { size: 64M } }`,
});

export const images = z.array(entry).min(1).superRefine(refuseSameFormat, evenWithMistakes);

/** The format of an entry. */
export function kindOf(image: ImageEntry): ImageFormat {
  return typeof image === 'string' ? image : (imageKinds.find((kind) => kind in image) ?? imageKinds[0]);
}

/** Returns the parameters of each format that has any. */
export function parametersOf(entries: readonly ImageEntry[]): Partial<Record<ImageFormat, ImageParameters>> {
  return Object.fromEntries(
    entries.flatMap((image) => (typeof image === 'string' ? [] : Object.entries(image))),
  );
}

/** Reports formats that are listed twice, at the second place. */
function refuseSameFormat(
  entries: readonly ImageEntry[],
  context: z.core.$RefinementCtx<ImageEntry[]>,
): void {
  if (!Array.isArray(entries)) return;
  for (const kind of imageKinds) {
    const same = (image: unknown): boolean =>
      image === kind || (typeof image === 'object' && image !== null && kind in image);
    const first = entries.findIndex(same);
    const second = first === -1 ? -1 : entries.findIndex((image, index) => index > first && same(image));
    if (second === -1) continue;
    const message = `is ${JSON.stringify(kind)}, the same as in entry [${first}]`;
    context.addIssue({ code: 'custom', path: [second], message, input: entries[second] });
  }
}
