// Times commands and prints what came out, with the rival and the goal beside it.
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { $ } from 'zx';

/** Wall and CPU seconds of a script, CPU with all its children, as bash's `time` has them. */
export async function timed(workDir, script) {
  const file = join(workDir, 'timed.sh');
  writeFileSync(
    file,
    `set -e\nTIMEFORMAT='%R %U %S'\ntime {\n${script}\n} > ${quote(join(workDir, 'timed.log'))} 2>&1\n`,
  );
  const { stderr } = await $`bash ${file}`.quiet();
  const [wall, user, system] = stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return { wall, cpu: user + system };
}

/** The run of median wall time. */
export async function median(count, measure) {
  const results = [];
  for (let i = 0; i < count; i++) results.push(await measure(i));
  return results.sort((a, b) => a.wall - b.wall)[Math.floor((count - 1) / 2)];
}

/** Wall seconds of a program, and the highest resident memory in megabytes of it alone, read from /proc while it lives. */
export async function watched(program, args) {
  const started = performance.now();
  const child = $`exec ${program} ${args}`.quiet();
  let kilobytes = 0;
  const timer = setInterval(() => {
    try {
      const now = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
      kilobytes = Math.max(kilobytes, Number(now ?? 0));
    } catch {
      // It has ended.
    }
  }, 20);
  await child;
  clearInterval(timer);
  return { wall: (performance.now() - started) / 1000, megabytes: kilobytes / 1024 };
}

/** How much longer a run took than it would have if all cores had worked all the time. */
export function aboveLimit({ wall, cpu }) {
  return wall / (cpu / availableParallelism());
}

export class Table {
  #rows = [['what', 'lxc-kit', 'rival', 'ratio', 'goal', '']];

  /** A figure with nothing to compare it with. */
  figure(what, value, unit, most) {
    this.#add(what, `${value.toFixed(2)} ${unit}`, '', '', `${most} ${unit}`, value <= most);
  }

  ratio(what, value, most) {
    this.#add(what, '', '', value.toFixed(2), most.toFixed(2), value <= most);
  }

  against(what, ours, rival, most) {
    const ratio = ours.wall / rival.wall;
    this.#add(what, seconds(ours), seconds(rival), ratio.toFixed(2), most.toFixed(2), ratio <= most);
  }

  #add(what, ours, rival, ratio, goal, met) {
    this.#rows.push([what, ours, rival, ratio, goal, met ? '' : 'not met']);
    console.error(this.#rows.at(-1).join('  '));
  }

  toString() {
    const widths = this.#rows[0].map((_, column) => Math.max(...this.#rows.map((row) => row[column].length)));
    return this.#rows
      .map((row) =>
        row
          .map((cell, column) => cell.padEnd(widths[column]))
          .join('  ')
          .trimEnd(),
      )
      .join('\n');
  }
}

function seconds({ wall, cpu }) {
  return cpu === undefined ? `${wall.toFixed(2)} s` : `${wall.toFixed(2)} s, ${cpu.toFixed(1)} CPU-s`;
}

export function quote(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
