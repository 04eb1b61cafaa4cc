import { expect, test } from 'vitest';
import { BootFailure, type CommandResult } from '../../../toolkit/emulator/boot-failure.ts';
import { junitReport } from '../../../toolkit/emulator/junit.ts';

function result(command: string, exitCode: number, output: string): CommandResult {
  return { command, exitCode, output: Buffer.from(output), seconds: 0.25 };
}

test('commands that passed and failed', () => {
  const commands = ['echo "<&>"', 'lxc-start\t-n c1'];
  const xml = junitReport('stb-mipsel', commands, {
    secondsToShell: 2.5,
    checks: [],
    commands: [result('echo "<&>"', 0, '<&>\n'), result('lxc-start\t-n c1', 3, 'no ]]> cgroup\n')],
  });
  expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" errors="0" skipped="0" time="3.000">
  <testsuite name="lxc-kit boot stb-mipsel" tests="3" failures="1" errors="0" skipped="0" time="3.000">
    <testcase classname="stb-mipsel" name="boot to shell" time="2.500">
    </testcase>
    <testcase classname="stb-mipsel" name="echo &quot;&lt;&amp;&gt;&quot;" time="0.250">
      <system-out>&lt;&amp;&gt;
</system-out>
    </testcase>
    <testcase classname="stb-mipsel" name="lxc-start&#9;-n c1" time="0.250">
      <failure message="exit code 3">exit code 3
no ]]&gt; cgroup
</failure>
      <system-out>no ]]&gt; cgroup
</system-out>
    </testcase>
  </testsuite>
</testsuites>
`);
});

test('a boot that failed in a command: the ones before passed, the ones after were not run', () => {
  const failure = new BootFailure(
    'a command was still running after 9 s: b',
    {
      secondsToShell: 1,
      checks: [],
      commands: [result('a', 0, '')],
      unfinished: { command: 'b', output: Buffer.from('so far'), seconds: 6 },
    },
    { lines: ['last line'] },
  );
  const xml = junitReport('box', ['a', 'b', 'c'], failure);
  expect(xml).toContain('<testsuites tests="4" failures="1" errors="0" skipped="1" time="7.250">');
  expect(xml).toContain(`<testcase classname="box" name="b" time="6.000">
      <failure message="a command was still running after 9 s: b">a command was still running after 9 s: b
last line
so far</failure>
      <system-out>so far</system-out>`);
  expect(xml).toContain(`<testcase classname="box" name="c" time="0.000">
      <skipped message="the guest had ended before"/>`);
});

test('makes cases of the checks of the guest, before those of the commands', () => {
  const checks = [
    {
      name: 'cgroups',
      seconds: 0.5,
      cases: [{ name: 'cgroup layout v2', failures: ['expected: a; found: b'], warnings: ['c'] }],
    },
    {
      name: 'containers',
      seconds: 2,
      cases: [
        { name: 'container one', failures: [], warnings: [] },
        { name: 'container two', failures: ['two is STOPPED\n  LXC: ERROR <no>', 'and more'], warnings: [] },
      ],
    },
  ];
  const xml = junitReport('box', ['a'], { secondsToShell: 1, checks, commands: [result('a', 0, '')] });
  expect(xml).toContain('tests="5" failures="2" errors="0" skipped="0" time="3.750"');
  expect(xml).toContain(`<testcase classname="box" name="cgroup layout v2" time="0.500">
      <failure message="expected: a; found: b">expected: a; found: b</failure>
    </testcase>
    <testcase classname="box" name="container one" time="2.000">
    </testcase>
    <testcase classname="box" name="container two" time="0.000">
      <failure message="two is STOPPED">two is STOPPED
  LXC: ERROR &lt;no&gt;
and more</failure>
    </testcase>
    <testcase classname="box" name="a" time="0.250">`);
});

test('a check that did not come to its end is the failure, and no command was run', () => {
  const unfinished = { command: 'cgroup layout v2', output: Buffer.from(''), seconds: 6 };
  const failure = new BootFailure(
    'too slow',
    { secondsToShell: 1, checks: [], commands: [], unfinished },
    {},
  );
  const xml = junitReport('box', ['a'], failure);
  expect(xml).toContain('tests="3" failures="1" errors="0" skipped="1"');
  expect(xml).toContain('<testcase classname="box" name="cgroup layout v2" time="6.000">');
});

test('a boot without a shell is a failure of its own', () => {
  const failure = new BootFailure(
    "the guest's kernel panicked",
    { checks: [], commands: [] },
    { lines: ['<panic>'] },
  );
  const xml = junitReport('box', ['a'], failure);
  expect(xml).toContain('tests="2" failures="1" errors="0" skipped="1"');
  expect(xml).toContain(`<testcase classname="box" name="boot to shell" time="0.000">
      <failure message="the guest's kernel panicked">the guest's kernel panicked
&lt;panic&gt;</failure>`);
});

test('characters that XML does not have are left out, all others are kept', () => {
  const output = 'a\0b\x1b[0m\x08\u{fffe}c\ttab\r\n漢字 🙂 \ud800!';
  const xml = junitReport('box', ['a'], {
    secondsToShell: 1,
    checks: [],
    commands: [result('a', 0, output)],
  });
  expect(xml).toContain('<system-out>ab[0mc\ttab&#13;\n漢字 🙂 \ufffd!</system-out>');
});
