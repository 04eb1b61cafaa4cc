// Refuses words that make a sentence hard to read: those of words.yaml, and sentences that begin with "Of" or "What".
//
//   node test/words/check-words.mjs            everything
//   node test/words/check-words.mjs FILE...    these files
//
// Prints file:line:column of each and what to write instead. Exit code 1 when it found any.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../..', import.meta.url));
const PLACES = ['toolkit', 'docs', 'boards', 'kconfig-fragments', 'busybox-config', 'rootfs-skeleton'];
const SINGLE_FILES = ['README.md', '.github/CONTRIBUTING.md'];
const READ = /\.(?:ts|mjs|md|ya?ml|config|hbs|sh|script)$|rootfs-skeleton\/.*\/[^.]+$/;
/** Data of the device, in which "nobody" is a user. */
const ACCOUNTS = /\/etc\/(?:passwd|shadow|group)$/;
const CODE = /\.(?:ts|mjs)$/;

/** @type {unknown} */
const parsed = parse(readFileSync(new URL('words.yaml', import.meta.url), 'utf8'));
const words = /** @type {{ pattern: string, instead: string }[]} */ (parsed).map(({ pattern, instead }) => ({
  pattern: new RegExp(`\\b(?:${pattern})\\b`, 'gi'),
  instead,
}));

/** "Of" or "What" where a sentence begins; a question may begin so, and a heading. */
const SENTENCE_STARTS = {
  code: /(?:\/\*\*? |^\s*\* |\/\/ )((?:Of|What)\b)(?![^.]*\?)|(?:\/\/|\*).*?[.:] ((?:Of|What)\b)(?![^.]*\?)/g,
  text: /(?:^|[.:!] )((?:Of|What)\b)(?![^.]*\?)/g,
};

/** @type {(path: string) => string[]} */
function filesBelow(path) {
  if (!statSync(path).isDirectory()) return READ.test(path) && !ACCOUNTS.test(path) ? [path] : [];
  return readdirSync(path).flatMap((name) => filesBelow(join(path, name)));
}

/** @type {(file: string) => string[]} */
function findWords(file) {
  /** @type {string[]} */
  const found = [];
  const isCode = CODE.test(file);
  let before = '';
  let isFenced = false;
  for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    if (!isCode && line.startsWith('```')) isFenced = !isFenced;
    if (isFenced) continue;
    /** @type {(column: number, text: string, instead: string) => number} */
    const report = (column, text, instead) =>
      found.push(`${relative(root, file)}:${index + 1}:${column + 1} "${text}": ${instead}`);
    for (const { pattern, instead } of words)
      for (const match of line.matchAll(pattern)) report(match.index, match[0], instead);
    if (!line.startsWith('#')) {
      for (const match of line.matchAll(isCode ? SENTENCE_STARTS.code : SENTENCE_STARTS.text)) {
        const word = match[1] ?? match[2] ?? '';
        // A line of a comment that goes on begins no sentence.
        const goesOn =
          /^\s*(?:\*|\/\/) (?:Of|What)\b/.test(line) &&
          /[^.:!?*/]\s*$/.test(before) &&
          /^\s*(?:\*|\/\/)/.test(before);
        if (!goesOn) report(line.indexOf(word, match.index), word, 'begin with the subject');
      }
    }
    before = line;
  }
  return found;
}

const given = process.argv.slice(2);
const files =
  given.length > 0
    ? given
    : [
        ...PLACES.flatMap((place) => filesBelow(join(root, place))),
        ...SINGLE_FILES.map((name) => join(root, name)),
      ];
const found = files.flatMap(findWords);
for (const line of found) console.log(line);
if (found.length > 0) {
  console.log(`${found.length} to rewrite; the list is test/words/words.yaml`);
  process.exitCode = 1;
}
