import { hashBytes } from './hash-file.ts';

/** Puts the sha256 of a text on a line before it, so that a flipped bit or a missing end is noticed. */
export function sealText(text: string): string {
  return `${hashBytes(text)}\n${text}`;
}

/** Returns the sealed text; undefined when it is damaged or was never sealed. */
export function openSealed(sealed: string): string | undefined {
  const text = sealed.slice(sealed.indexOf('\n') + 1);
  return sealed === sealText(text) ? text : undefined;
}
