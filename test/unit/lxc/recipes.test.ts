import { expect, test } from 'vitest';
import { compareVersions } from '../../../toolkit/base/compare-versions.ts';
import { editText } from '../../../toolkit/base/text-edit.ts';
import { helpers } from '../../../toolkit/lxc/installed-files.ts';
import { lxcOptions } from '../../../toolkit/lxc/options.ts';
import { quirks } from '../../../toolkit/lxc/quirks.ts';
import { featuresOf, findRecipe, lxcRecipes, planLxcBuild } from '../../../toolkit/lxc/recipes.ts';

/** The last release of each series, with what LXC calls it. */
const RELEASES = [
  '1.0.11',
  '1.1.5',
  '2.0.11',
  '2.1.1',
  '3.0.4',
  '3.1.0',
  '3.2.1',
  '4.0.12',
  '5.0.3',
  '6.0.6',
  '7.0.0',
];

test.each(RELEASES)('%s has a recipe of its own', (version) => {
  expect(findRecipe(version)).toMatchObject({
    exact: true,
    recipe: { series: version.split('.').slice(0, 2).join('.') },
  });
});

test.each([
  ['6.0.0-beta', '6.0', true],
  ['0.9.0', '1.0', false],
  ['1.2.0', '1.1', false],
  ['4.1.0', '4.0', false],
  ['5.1.0', '5.0', false],
  // A number, not a fraction: 5.10 is nearer to 5.0 than to any 6.
  ['5.10.0', '5.0', false],
  ['5.99', '5.0', false],
  ['6.1-git', '6.0', false],
  ['7.1.0', '7.0', false],
  ['10.0.0', '7.0', false],
])('%s is built as %s', (version, series, exact) => {
  expect(findRecipe(version)).toMatchObject({ exact, recipe: { series } });
});

test('each series stands once, in order', () => {
  const series = lxcRecipes.map((recipe) => recipe.series);
  expect(series).toEqual([...new Set(series)].sort((a, b) => Number(a) - Number(b)));
  expect(series).toEqual(RELEASES.map((version) => version.split('.').slice(0, 2).join('.')));
});

test('every release gets options in the words of its build system, each once', () => {
  for (const version of RELEASES) {
    const { buildSystem, options } = planLxcBuild(version, []);
    for (const option of options) {
      expect(option).toMatch(buildSystem === 'meson' ? /^-D[a-z_-]+=/ : /^--(?:enable|disable|with)-[a-z-]+/);
    }
    expect(new Set(options.map((option) => option.split('=')[0])).size, version).toBe(options.length);
  }
});

test('takes nothing from the build host', () => {
  for (const version of RELEASES) {
    const { buildSystem, options } = planLxcBuild(version, []);
    expect(options).toEqual(
      expect.arrayContaining(
        buildSystem === 'meson'
          ? ['-Dinit-script=', '-Druntime-path=/run']
          : ['--with-distro=unknown', '--with-init-script=none', '--with-runtime-path=/run'],
      ),
    );
  }
});

test.each([
  [
    '1.1.5',
    ['--disable-cgmanager', '--disable-python'],
    ['--disable-werror', '--disable-gnutls', '--disable-static'],
  ],
  ['2.0.8', ['--disable-werror', '--disable-gnutls', '--disable-static'], ['--disable-memfd-rexec']],
  ['2.0.11', ['--disable-memfd-rexec'], ['--disable-openssl']],
  ['2.1.1', ['--disable-gnutls', '--disable-lua'], ['--disable-memfd-rexec']],
  ['3.0.3', ['--disable-gnutls'], ['--disable-openssl', '--disable-memfd-rexec', '--disable-lua']],
  ['3.0.4', ['--disable-openssl', '--disable-memfd-rexec'], ['--disable-gnutls']],
  ['3.1.0', ['--disable-gnutls'], ['--disable-openssl', '--disable-memfd-rexec']],
  ['3.2.1', ['--disable-openssl', '--disable-memfd-rexec'], ['--disable-liburing']],
  ['4.0.12', ['--disable-liburing', '--enable-capabilities'], ['--disable-gnutls', '--disable-cgmanager']],
  ['5.0.0', ['-Dcapabilities=true'], ['-Dsd-bus=disabled', '-Ddistrosysconfdir=default', '-Ddbus=false']],
  ['5.0.2', ['-Dsd-bus=disabled', '-Ddistrosysconfdir=default'], ['-Dtools-multicall=true']],
  ['6.0.0', ['-Dtools-multicall=true', '-Ddbus=false'], ['-Dsd-bus=disabled', '-Dapi-docs=false']],
  ['6.0.6', ['-Dapi-docs=false'], ['-Dlandlock-monitor=false']],
  ['7.0.0', ['-Dlandlock-monitor=false', '-Dtools=false'], ['-Dsd-bus=disabled']],
])('%s gets the options that it knows, and no others', (version, known, unknown) => {
  const { options } = planLxcBuild(version, []);
  expect(options).toEqual(expect.arrayContaining(known));
  for (const option of unknown) expect(options).not.toContain(option);
});

test.each([
  ['1.1.5', ['init.lxc', 'init.lxc.static', 'lxc-monitord']],
  ['2.0.8', ['init.lxc', 'init.lxc.static', 'lxc-monitord']],
  ['2.0.9', ['init.lxc', 'init.lxc.static']],
  ['2.1.1', ['init.lxc', 'init.lxc.static']],
  ['4.0.9', ['init.lxc', 'init.lxc.static']],
  ['4.0.10', []],
  ['7.0.0', []],
])('%s keeps the helpers it runs with', (version, names) => {
  expect(planLxcBuild(version, []).helpers).toEqual(names);
});

test('a feature is switched on in the words of the build system', () => {
  expect(planLxcBuild('2.1.1', ['seccomp']).options).toContain('--enable-seccomp');
  expect(planLxcBuild('2.1.1', []).options).toContain('--disable-seccomp');
  expect(planLxcBuild('7.0.0', ['seccomp']).options).toContain('-Dseccomp=true');
  expect(planLxcBuild('7.0.0', []).options).toContain('-Dseccomp=false');
});

test('a profile that names no features gets seccomp, where the release can have it', () => {
  expect(featuresOf('6.0.6', undefined, 'mips')).toEqual(['seccomp']);
  expect(featuresOf('1.1.5', undefined, 'mips')).toEqual([]);
  expect(featuresOf('1.1.5', undefined, 'arm')).toEqual(['seccomp']);
  expect(featuresOf('6.0.6', [], 'mips')).toEqual([]);
  expect(featuresOf('1.1.5', ['seccomp'], 'mips')).toEqual(['seccomp']);
});

test.each(['1.0.11', '2.1.1', '3.0.4', '4.0.12', '7.0.0'])(
  'seccomp.c of %s handles the multiplexed calls of 32-bit MIPS, and logs no line of a profile',
  (version) => {
    const edits = planLxcBuild(version, ['seccomp']).edits.filter(({ file }) => file === 'src/lxc/seccomp.c');
    const line =
      compareVersions(version, '4.0.6') < 0 ? 'if (nr < 0) {' : 'if (nr < 0 && arch == SCMP_ARCH_NATIVE) {';
    const changed = edits.reduce<string>(
      (text, edit) => editText(text, edit) ?? 'nothing changed',
      `${line}\nINFO("Processing \\"%s\\"", line);\nINFO("Merging");\n`,
    );
    expect(changed).toMatch(
      /^if \(nr < 0 .*\(.*nr <= -1000 \|\| seccomp_syscall_resolve_name\("socket"\) >= 0\)\) \{$/m,
    );
    expect(changed).toContain('TRACE("Processing');
    expect(changed).toContain('INFO("Merging');
    expect(planLxcBuild(version, []).edits.map(({ file }) => file)).not.toContain('src/lxc/seccomp.c');
  },
);

test('quirks come to the releases that need them', () => {
  const old = ['-D_GNU_SOURCE', '-include', 'sys/sysmacros.h'];
  for (const version of ['1.0.9', '1.1.5', '2.0.6']) {
    expect(planLxcBuild(version, []).cflags).toEqual(expect.arrayContaining(old));
  }
  for (const version of ['1.0.10', '2.0.7', '2.1.1', '7.0.0']) {
    expect(planLxcBuild(version, []).cflags).not.toContain('-include');
  }
  expect(planLxcBuild('4.0.12', []).cflags).toContain('-Wno-incompatible-pointer-types');
  expect(new Set(planLxcBuild('5.0.3', []).edits.map(({ file }) => file))).toEqual(
    new Set(['meson.build', 'src/lxc/tools/meson.build', 'src/lxc/cmd/meson.build']),
  );
  for (const version of ['3.0.4', '3.2.1', '4.0.10']) {
    expect(planLxcBuild(version, []).cflags).toContain('-DHAVE_M_FORMAT=1');
  }
  for (const version of ['3.0.3', '3.1.0', '4.0.11', '5.0.3']) {
    expect(planLxcBuild(version, []).cflags).not.toContain('-DHAVE_M_FORMAT=1');
  }
  expect(planLxcBuild('2.1.1', []).edits).toEqual([]);
});

test('every quirk and every helper has its reason, and does something', () => {
  for (const { reason, releases, cflags = [], ldflags = [], edits = [] } of quirks) {
    expect(reason).not.toBe('');
    expect(releases.length).toBeGreaterThan(0);
    expect(cflags.length + ldflags.length + edits.length).toBeGreaterThan(0);
    for (const { from, to } of edits) {
      expect(from).not.toBe(to);
      if (typeof from !== 'string') expect(() => new RegExp(from.pattern, 'gm')).not.toThrow();
    }
  }
  for (const { reason } of helpers) expect(reason).not.toBe('');
  for (const option of [...lxcOptions.autotools, ...lxcOptions.meson])
    expect(option.option).not.toMatch(/\s/);
});
