// Refuses words that make a sentence hard to read: those of words.yaml, and sentences that begin with "Of" or "What".
// In tests it reads only comments and titles, the first argument of test(), it() and describe(): other texts of a test
// are data, such as the user "nobody" or the output that it expects.
//
//   node test/words/check-words.mjs            everything
//   node test/words/check-words.mjs FILE...    these files
//
// Prints file:line:column of each and what to write instead. Exit code 1 when it found any.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../..', import.meta.url));
const PLACES = [
  'toolkit',
  'docs',
  'boards',
  'kconfig-fragments',
  'busybox-config',
  'guest-shell',
  'rootfs-skeleton',
  'test',
];
const SINGLE_FILES = ['README.md', '.github/CONTRIBUTING.md'];
const READ = /\.(?:ts|mjs|md|ya?ml|config|hbs|sh|script)$|(?:rootfs-skeleton\/.*|guest-shell)\/[^.]+$/;
/** Data of the device, in which "nobody" is a user. */
const ACCOUNTS = /\/etc\/(?:passwd|shadow|group)$/;
const CODE = /\.(?:ts|mjs)$/;
const TEST = /^test\/.*\.ts$/;
/** Folders below test/ with input and expected output, and with the list of words itself. */
const TEST_DATA = /^test\/(?:.*\/)?(?:fixtures|printed|expected|words)$/;

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
  const name = relative(root, path);
  if (statSync(path).isDirectory())
    return TEST_DATA.test(name) ? [] : readdirSync(path).flatMap((entry) => filesBelow(join(path, entry)));
  const isRead = name.startsWith('test/') ? TEST.test(name) : READ.test(path) && !ACCOUNTS.test(path);
  return isRead ? [path] : [];
}

/** @typedef {{ readonly start: number, readonly end: number }} Range */

/**
 * `text` with each of the ranges, which stand in their order, replaced by what `write` makes of it.
 *
 * @type {(text: string, ranges: readonly Range[], write: (start: number, end: number) => string) => string}
 */
function replaceRanges(text, ranges, write) {
  let replaced = '';
  let after = 0;
  for (const { start, end } of ranges) {
    replaced += text.slice(after, start) + write(start, end);
    after = end;
  }
  return replaced + text.slice(after);
}

/**
 * A test with blanks in place of all that is neither a comment nor a title; lines and columns stay.
 *
 * @type {(source: string) => string}
 */
function commentsAndTitles(source) {
  const tree = ts.createSourceFile('', source, ts.ScriptTarget.Latest);
  /** @type {Range[]} */
  const literals = [];
  /** @type {Range[]} */
  const titles = [];
  /** @type {(node: ts.Node) => void} */
  const visit = (node) => {
    const isPartOfTemplate = ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
    if (isPartOfTemplate || ts.isLiteralExpression(node))
      literals.push({ start: node.getStart(tree), end: node.end });
    if (ts.isCallExpression(node) && /^(?:test|it|describe)\b/.test(node.expression.getText(tree))) {
      const [title] = node.arguments;
      if (title && (ts.isStringLiteralLike(title) || ts.isTemplateExpression(title)))
        titles.push({ start: title.getStart(tree), end: title.end });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  // The slashes of a literal begin no comment.
  const code = replaceRanges(source, literals, (start, end) => source.slice(start, end).replace(/./g, ' '));
  const comments = code.replace(
    /(\/\/.*|\/\*[^]*?\*\/)|./g,
    (_part, /** @type {string | undefined} */ comment) => comment ?? ' ',
  );
  return replaceRanges(comments, titles, (start, end) => source.slice(start, end));
}

/** @type {(file: string) => string[]} */
function findWords(file) {
  /** @type {string[]} */
  const found = [];
  const isCode = CODE.test(file);
  let before = '';
  let isFenced = false;
  const name = relative(root, resolve(file));
  const source = readFileSync(file, 'utf8');
  const read = TEST.test(name) ? commentsAndTitles(source) : source;
  for (const [index, line] of read.split('\n').entries()) {
    if (!isCode && line.startsWith('```')) isFenced = !isFenced;
    if (isFenced) continue;
    /** @type {(column: number, text: string, instead: string) => number} */
    const report = (column, text, instead) =>
      found.push(`${name}:${index + 1}:${column + 1} "${text}": ${instead}`);
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
