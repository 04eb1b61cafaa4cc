import { test, expect } from 'vitest';
import { TempProject } from './temp-project.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { spawnSync } from 'node:child_process';
test('pty', async () => {
  const a = await TempProject.create();
  for (const cols of [80, 40, 20]) {
    a.writeBoard(`b${cols}`, {});
    const r = spawnSync('script', ['-qec', `stty cols ${cols} rows 30; node /work/main/dist/cli/main.js build --board b${cols}`, '/dev/null'], { cwd: a.dir, env: { ...a.env, TERM: 'xterm-256color' }, encoding: 'utf8' });
    const t = new FakeTerminal(cols);
    t.write(r.stdout.replaceAll('\r\n', '\n'));
    console.log(cols, r.status, t.cursorVisible, (r.stdout.match(/\x1b\[J/g) ?? []).length + '\n' + t.screen().join('\n'));
    if (cols === 80) console.log(JSON.stringify(r.stdout).slice(0, 3000));
  }
  await a.remove();
}, 120000);
