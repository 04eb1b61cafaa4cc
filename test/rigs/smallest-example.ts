import type { RandomKconfig } from './random-kconfig.ts';

/** Takes lines away as long as what is wrong stays wrong: what is left can be read by a person. */
export function smallestExample(
  made: RandomKconfig,
  isWrong: (example: RandomKconfig) => boolean,
): RandomKconfig {
  let best = made;
  for (let changed = true; changed;) {
    changed = false;
    for (const part of ['requests', 'kconfig'] as const) {
      for (const size of [8, 4, 2, 1]) {
        for (let at = 0; at < best[part].split('\n').length;) {
          const lines = best[part].split('\n');
          lines.splice(at, size);
          const shorter = { ...best, [part]: lines.join('\n') };
          if (shorter[part].length < best[part].length && isWrong(shorter)) {
            best = shorter;
            changed = true;
          } else at++;
        }
      }
    }
  }
  return best;
}
