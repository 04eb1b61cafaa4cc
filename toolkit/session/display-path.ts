import { isAbsolute, relative } from 'node:path';

/** A path as the user would type it: relative to the working directory when that is shorter. */
export function displayPath(file: string): string {
  const shorter = relative(process.cwd(), file);
  return shorter === '' || shorter.startsWith('../../') || isAbsolute(shorter) ? file : shorter;
}
