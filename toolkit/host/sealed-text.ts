import { hashBytes } from './hash-file.ts';

/** A text with its own sha256 in front, in a line: a flipped bit, or an end that is missing, is noticed. */
export function sealText(text: string): string {
  return `${hashBytes(text)}\n${text}`;
}

/** The text that was sealed; undefined when it is not what it was, or was never sealed. */
export function openSealed(sealed: string): string | undefined {
  const text = sealed.slice(sealed.indexOf('\n') + 1);
  return sealed === sealText(text) ? text : undefined;
}
