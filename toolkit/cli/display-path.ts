import { isAbsolute, relative } from 'node:path';

/** A path as the person would type it: relative to where they are when that is shorter. */
export function displayPath(file: string): string {
  const shorter = relative(process.cwd(), file);
  return shorter === '' || shorter.startsWith('../../') || isAbsolute(shorter) ? file : shorter;
}
