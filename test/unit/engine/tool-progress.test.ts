import { describe, expect, test } from 'vitest';
import { ToolProgress, type ToolShare } from '../../../toolkit/engine/tool-progress.ts';

/** The reported shares, in the words of a log. */
function reported(progress: ToolProgress, lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const share: ToolShare | undefined = progress.take(line);
    return share === undefined ? [] : [`${share.done}/${share.total ?? '?'} ${share.unit}`];
  });
}

const filesOf = (count: number): string[] => Array.from({ length: count }, (_, i) => `  CC      file-${i}.o`);

describe('ninja', () => {
  test('its own counter is the share', () => {
    const progress = new ToolProgress();
    expect(
      reported(progress, [
        "ninja: Entering directory `obj'",
        '[1/120] Compiling C object src/a.c.o',
        'warning: something [2/3]',
        '[60/120] Linking target src/lxc',
      ]),
    ).toEqual(['1/120 commands', '60/120 commands']);
    expect(progress.lines).toBeUndefined();
  });

  test('the run that installs comes after the one that counts', () => {
    const lines = ['[119/120] a', '[120/120] b', '[0/1] Installing files.', '[1/1] Done'];
    expect(reported(new ToolProgress(), lines)).toEqual(['119/120 commands', '120/120 commands']);
  });

  test('a first run that only regenerates its own files does not count for long', () => {
    const lines = ['[0/1] Regenerating build files.', '[1/1] Done', '[1/120] a', '[60/120] b'];
    expect(reported(new ToolProgress(), lines)).toEqual([
      '0/1 commands',
      '1/1 commands',
      '1/120 commands',
      '60/120 commands',
    ]);
  });

  test('never goes back when the plan changes on the way', () => {
    const lines = ['[50/100] a', '[51/110] b', '[52/110] c', '[60/110] d'];
    expect(reported(new ToolProgress(), lines)).toEqual(['50/100 commands', '60/110 commands']);
  });

  test.each(['[1/0] none', '[7/3] more than there are', '[a/b] x', ' [1/2] indented', '[1/2]'])(
    '%j is no counter',
    (line) => {
      expect(new ToolProgress().take(line)).toBeUndefined();
    },
  );
});

describe('make', () => {
  test('the share is that of the lines of the last run, and news only when a per cent is done', () => {
    const news = reported(new ToolProgress(2_000), filesOf(1_999));
    expect(news).toHaveLength(100);
    expect(news.slice(0, 3)).toEqual(['1/2000 lines', '20/2000 lines', '40/2000 lines']);
    expect(news.at(-1)).toBe('1980/2000 lines');
  });

  test('more lines than the last run had have no share', () => {
    expect(reported(new ToolProgress(100), filesOf(102)).slice(-3)).toEqual([
      '100/100 lines',
      '101/? lines',
      '102/? lines',
    ]);
  });

  test.each([undefined, 0, 19])('nothing is reported where the last run had %j lines', (expected) => {
    const progress = new ToolProgress(expected);
    expect(reported(progress, filesOf(50))).toEqual([]);
    expect(progress.lines).toBe(50);
  });
});
