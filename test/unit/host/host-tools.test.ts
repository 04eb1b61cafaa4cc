import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findProgram } from '../../../toolkit/host/find-program.ts';
import {
  autotoolsTools,
  buildTools,
  imageTools,
  kconfigTools,
  lxcTools,
  menuTools,
  mesonTools,
  missingTools,
  moduleTools,
  usefulTools,
} from '../../../toolkit/host/host-tools.ts';
import { scratchDir } from '../scratch.ts';

/** Two folders of programs: `one` has a folder, a text and a dangling link with names of programs. */
function programs(): { one: string; two: string } {
  const dir = scratchDir();
  const [one, two] = [join(dir, 'one'), join(dir, 'two')];
  mkdirSync(join(one, 'make'), { recursive: true });
  mkdirSync(two);
  writeFileSync(join(one, 'gcc'), 'no program', { mode: 0o644 });
  symlinkSync('nowhere', join(one, 'flex'));
  for (const name of ['make', 'gcc', 'flex', 'bc']) {
    writeFileSync(join(two, name), '#!/bin/sh\n');
    chmodSync(join(two, name), 0o755);
  }
  symlinkSync('bc', join(two, 'dc'));
  return { one, two };
}

const tool = (name: string) => ({ name, debianPackage: name, neededFor: 'a test' });

test('finds a program as a shell does', () => {
  const { one, two } = programs();
  for (const name of ['make', 'gcc', 'flex']) {
    expect(findProgram(name, one)).toBeUndefined();
    expect(findProgram(name, `${one}:/no/such:${two}`)).toBe(join(two, name));
  }
  expect(findProgram('dc', two)).toBe(join(two, 'dc'));
  expect(findProgram(join(two, 'bc'), '')).toBe(join(two, 'bc'));
});

test('the folder in which lxc-kit happens to be called does not count', () => {
  const { two } = programs();
  const before = process.cwd();
  process.chdir(two);
  try {
    for (const path of ['', ':', '.', '.:/no/such']) expect(findProgram('bc', path)).toBeUndefined();
    expect(findProgram('./bc', two)).toBeUndefined();
  } finally {
    process.chdir(before);
  }
});

test('names what is missing: programs and files', () => {
  const { one, two } = programs();
  const tools = [tool('make'), tool('ninja'), tool(join(two, 'bc')), tool('/usr/include/no-such.h')];
  expect(missingTools(tools, `${one}:${two}`).map(({ name }) => name)).toEqual([
    'ninja',
    '/usr/include/no-such.h',
  ]);
  expect(missingTools(tools.slice(0, 1), one)).toHaveLength(1);
});

test('every tool has a package that could be its', () => {
  for (const { name, debianPackage, neededFor } of [
    ...buildTools,
    ...lxcTools,
    ...mesonTools,
    ...autotoolsTools,
    ...usefulTools,
    ...menuTools,
    ...moduleTools,
    ...Object.values(imageTools),
  ]) {
    expect(name).toMatch(/^[\w/.-]+$/);
    expect(debianPackage).toMatch(/^[a-z0-9][a-z0-9+.-]+$/);
    expect(neededFor).not.toBe('');
  }
  for (const [key, { name }] of Object.entries(imageTools)) expect(name).toBe(key);
});

test('menus take more than a build does, and a build takes all that configuring does', () => {
  expect(menuTools.map(({ debianPackage }) => debianPackage)).toEqual(['libncurses-dev']);
  expect(buildTools).toEqual(expect.arrayContaining([...kconfigTools]));
  for (const tool of menuTools) expect(buildTools).not.toContain(tool);
});
