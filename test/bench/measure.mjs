// Times commands and prints what came out, with the rival and the goal beside it.
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { $ } from 'zx';

/** @typedef {{ readonly wall: number, readonly cpu: number }} Times in seconds */

/**
 * Wall and CPU seconds of a script, CPU with all its children, as bash's `time` has them.
 *
 * @param {string} workDir
 * @param {string} script
 * @returns {Promise<Times>}
 */
export async function timed(workDir, script) {
  const file = join(workDir, 'timed.sh');
  writeFileSync(
    file,
    `set -e\nTIMEFORMAT='%R %U %S'\ntime {\n${script}\n} > ${quote(join(workDir, 'timed.log'))} 2>&1\n`,
  );
  const { stderr } = await $`bash ${file}`.quiet();
  const last = stderr.trim().split('\n').at(-1) ?? '';
  const [wall = NaN, user = NaN, system = NaN] = last.split(' ').map(Number);
  return { wall, cpu: user + system };
}

/**
 * The run of median wall time.
 *
 * @param {number} count
 * @param {(round: number) => Promise<Times>} measure
 */
export async function median(count, measure) {
  /** @type {Times[]} */
  const results = [];
  for (let i = 0; i < count; i++) results.push(await measure(i));
  const found = results.sort((a, b) => a.wall - b.wall)[Math.floor((count - 1) / 2)];
  if (found === undefined) throw new Error(`nothing was measured in ${count} rounds`);
  return found;
}

/**
 * Wall seconds of a program, and the highest resident memory in megabytes of it alone, read from /proc while it lives.
 *
 * @param {string} program
 * @param {readonly string[]} args
 */
export async function watched(program, args) {
  const started = performance.now();
  const child = $`exec ${program} ${args}`.quiet();
  let kilobytes = 0;
  const timer = setInterval(() => {
    try {
      const now = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${String(child.pid)}/status`, 'utf8'))?.[1];
      kilobytes = Math.max(kilobytes, Number(now ?? 0));
    } catch {
      // It has ended.
    }
  }, 20);
  await child;
  clearInterval(timer);
  return { wall: (performance.now() - started) / 1000, megabytes: kilobytes / 1024 };
}

/**
 * How much longer a run took than it would have if all cores had worked all the time.
 *
 * @param {Times} times
 */
export function aboveLimit({ wall, cpu }) {
  return wall / (cpu / availableParallelism());
}

/** @typedef {{ readonly wall: number, readonly cpu?: number }} Side of a comparison, in seconds */

export class Table {
  #header = ['what', 'lxc-kit', 'rival', 'ratio', 'goal', ''];
  #rows = [this.#header];

  /**
   * A figure with nothing to compare it with.
   *
   * @param {string} what
   * @param {number} value
   * @param {string} unit
   * @param {number} most
   */
  figure(what, value, unit, most) {
    this.#add(what, `${value.toFixed(2)} ${unit}`, '', '', `${most} ${unit}`, value <= most);
  }

  /** @type {(what: string, value: number, most: number) => void} */
  ratio(what, value, most) {
    this.#add(what, '', '', value.toFixed(2), most.toFixed(2), value <= most);
  }

  /** @type {(what: string, ours: Side, rival: Side, most: number) => void} */
  against(what, ours, rival, most) {
    const ratio = ours.wall / rival.wall;
    this.#add(what, seconds(ours), seconds(rival), ratio.toFixed(2), most.toFixed(2), ratio <= most);
  }

  /** @type {(what: string, ours: string, rival: string, ratio: string, goal: string, met: boolean) => void} */
  #add(what, ours, rival, ratio, goal, met) {
    const row = [what, ours, rival, ratio, goal, met ? '' : 'not met'];
    this.#rows.push(row);
    console.error(row.join('  '));
  }

  toString() {
    const widths = this.#header.map((_, column) =>
      Math.max(...this.#rows.map((row) => row[column]?.length ?? 0)),
    );
    return this.#rows
      .map((row) =>
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd(),
      )
      .join('\n');
  }
}

/** @type {(side: Side) => string} */
function seconds({ wall, cpu }) {
  return cpu === undefined ? `${wall.toFixed(2)} s` : `${wall.toFixed(2)} s, ${cpu.toFixed(1)} CPU-s`;
}

/** @type {(word: string) => string} */
export function quote(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
