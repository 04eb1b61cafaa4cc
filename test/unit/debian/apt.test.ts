import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { readElf } from '../../../toolkit/programs/elf.ts';
import { recordedSource, resolveSource } from '../../../toolkit/sources/resolve-source.ts';
import type { SourceContext } from '../../../toolkit/download/source-context.ts';
import { unpackDebs, unpackTree } from '../../../toolkit/unpack/unpack.ts';
import { misbehavingServer, sha256Of } from '../sources/misbehaving-server.ts';
import { rejectionOf, sourceRig, type SourceRig } from '../sources/source-rig.ts';

// These ask the Debian mirrors of this machine, as every real build on a machine without internet does.
vi.setConfig({ testTimeout: 120_000 });

const SOURCE_PACKAGE = { component: 'demo', candidates: [{ debian: 'xtables-addons-source' }] };

function aptRig(changes: Partial<SourceContext> = {}): SourceRig {
  return sourceRig({ neededLibraries: async (file) => (await readElf(file))?.needed ?? [], ...changes });
}

function logOf(rig: SourceRig): string[] {
  return readFileSync(rig.context.logFile, 'utf8').split('\n');
}

function complaintsIn(rig: SourceRig): string[] {
  return logOf(rig).filter((line) => /^[WE]: /.test(line));
}

test('a Debian package gives the source tarball in it', async () => {
  const rig = aptRig();
  const resolved = await resolveSource(SOURCE_PACKAGE, rig.context);
  expect(resolved).toMatchObject({
    kind: 'debian',
    form: 'tarball',
    version: expect.stringMatching(/^\d+\.\d+$/) as string,
    origin: expect.stringMatching(/^Debian package xtables-addons-source \d+\.\d+-\d+/) as string,
    files: [{ name: expect.stringMatching(/^xtables-addons\.tar\.\w+$/) as string }],
  });
  expect(sha256Of(readFileSync(resolved.files[0]?.file ?? ''))).toBe(resolved.sha256);
  expect(existsSync(join(await unpackTree(resolved, rig.context), 'xtables-addons'))).toBe(true);
  expect(rig.list('sources')).toHaveLength(2);
  expect(complaintsIn(rig)).toEqual([]);

  // Nothing of the host is written to: every directory of apt's lies in the store, and no hook is left.
  const [architecture = ''] = rig.list('apt');
  const state = join(rig.storeDir, 'apt', architecture);
  const settings = execFileSync('apt-config', ['-c', join(state, 'apt.conf'), 'dump'], { encoding: 'utf8' });
  expect(settings).toContain(`Dir::State::lists "${state}/lists"`);
  expect(settings).toContain(`Dir::Cache "${state}/cache"`);
  expect(settings).not.toMatch(/^APT::Update::\S*Invoke\S* "[^"]+";$/m);

  // Lists of today are good enough; older ones are fetched again, and so are those that do not name the package.
  const refreshes = (): number => logOf(rig).filter((line) => line.endsWith('/apt.conf update')).length;
  const noSource = { component: 'demo', candidates: [{ debian: 'hostname' }] };
  const error = await rejectionOf(resolveSource(noSource, rig.context));
  expect(error.lines).toEqual([
    'Debian package hostname: the package does not contain exactly one source tarball in /usr/src',
  ]);
  expect(refreshes()).toBe(1);
  utimesSync(join(state, 'refreshed'), new Date(), new Date(Date.now() - 25 * 3600 * 1000));
  await rejectionOf(resolveSource(noSource, rig.context));
  expect(refreshes()).toBe(2);
  const missing = { component: 'demo', candidates: [{ debian: 'no-such-package' }] };
  expect((await rejectionOf(resolveSource(missing, rig.context))).lines).toEqual([
    'Debian package no-such-package: E: Unable to locate package no-such-package',
  ]);
  expect(refreshes()).toBe(3);
});

test('a package of another name does not pass for the one that was asked for', async () => {
  const rig = aptRig();
  // Apt reads each of them as a regular expression that a package matches.
  const candidates = [{ debian: 'xtables.addons-source' }, { debian: 'tables-addons-sourc.' }];
  const error = await rejectionOf(resolveSource({ component: 'demo', candidates }, rig.context));
  expect(error.code).toBe('SOURCE_UNAVAILABLE');
  const missing = (name: string): unknown =>
    expect.stringMatching(
      new RegExp(
        `^Debian package ${name}: apt has no package ${name} for \\w+; it has .*xtables-addons-source`,
      ),
    );
  expect(error.lines).toEqual(candidates.map(({ debian }) => missing(debian)));
  expect(rig.list('sources')).toEqual([]);
});

test('a port that no release has any more is named, with the last one that has it', async () => {
  const rig = aptRig();
  const url = 'http://127.0.0.1:1/lxc-5.0.2.tar.gz';
  const request = {
    component: 'lxc',
    candidates: [{ url, sha256: sha256Of(Buffer.from('lxc')) }, { debian: 'lxc' }],
    prebuilt: { port: { arch: 'alpha', lastRelease: 'Debian 5 (lenny)' }, packages: ['lxc'] },
  };
  const error = await rejectionOf(resolveSource(request, rig.context));
  expect(error.lines?.[1]).toBe(
    'Debian package lxc: the apt sources of this machine have no packages for alpha; Debian 5 (lenny) was the last release with them',
  );
  expect(error.hint).toBe(
    `give your own tarball or directory: --source lxc=PATH (for example lxc-5.0.2.tar.gz of ${url})`,
  );
});

test('a Debian package is asked for over the proxy of the user, whose password gets into no log', async () => {
  const proxy = await misbehavingServer((response) => response.writeHead(404).end());
  const rig = aptRig({ userEnv: { http_proxy: proxy.origin.replace('http://', 'http://me:s3cret@') } });
  await rejectionOf(resolveSource(SOURCE_PACKAGE, rig.context));
  const password = Buffer.from('me:s3cret').toString('base64');
  expect(proxy.requests[0]?.headers['proxy-authorization']).toBe(`Basic ${password}`);
  expect(logOf(rig).join('\n')).not.toContain('s3cret');
});

/** A port that every release has, and that is no board's. */
const PORT = 'arm64';

test('programs compiled by Debian come with the packages of the libraries they need', async () => {
  const rig = aptRig();
  const request = {
    component: 'demo',
    candidates: [{ debian: 'hostname' }],
    prebuilt: { port: { arch: PORT }, packages: ['hostname'] },
  };
  const needsUnknown = { ...rig.context, neededLibraries: () => Promise.resolve(['libNo_such.so.7']) };
  expect((await rejectionOf(resolveSource(request, needsUnknown))).lines).toEqual([
    expect.stringMatching(
      /^Debian package hostname: \/(?:usr\/)?bin\/hostname needs libNo_such\.so\.7: E: Unable to locate package libno-such7; /,
    ),
  ]);

  rmSync(rig.context.logFile);
  const resolved = await resolveSource(request, rig.context);
  expect(resolved.files.map(({ name }) => name.split('_')[0])).toEqual(['hostname', 'libc6']);
  expect(resolved).toMatchObject({
    kind: 'debian',
    form: 'debs',
    version: expect.stringMatching(/^\d+\.\d+[^-]*$/) as string,
    origin: expect.stringMatching(new RegExp(`^Debian package hostname \\S+ \\(${PORT}\\)$`)) as string,
  });
  const hashes = resolved.files.map(({ sha256 }) => sha256).sort();
  expect(resolved.sha256).toBe(sha256Of(Buffer.from(hashes.join('\n'))));
  expect(rig.events).toContainEqual(expect.objectContaining({ type: 'warning' }));
  expect(complaintsIn(rig)).toEqual([]);
  expect(readdirSync(rig.context.workDir)).toEqual([]);
  expect(await recordedSource(request, rig.storeDir)).toEqual(resolved);

  const dir = join(rig.dir, 'laid-out');
  await unpackDebs(resolved, dir, rig.context);
  // From Debian 13 on packages have their files below /usr only.
  const laidOut = (path: string): string =>
    [join(dir, path), join(dir, 'usr', path)].find((file) => existsSync(file)) ?? `no ${path}`;
  // EM_AARCH64 is 183.
  expect(await readElf(laidOut('bin/hostname'))).toMatchObject({
    bits: 64,
    machine: 183,
    littleEndian: true,
  });
  expect(statSync(laidOut('lib/aarch64-linux-gnu/libc.so.6')).isFile()).toBe(true);
});

const POOL_FILE = {
  'debian-pool': 'pool/main/libc/libcap2/libcap2_2.66.orig.tar.xz',
  sha256: '15c40ededb3003d70a283fe587a36b7d19c8b3b554e33f86129c059a4bb466b2',
};

test('a file of the Debian pool is downloaded and verified', async () => {
  const rig = aptRig();
  const resolved = await resolveSource({ component: 'libcap', candidates: [POOL_FILE] }, rig.context);
  expect(resolved).toMatchObject({
    kind: 'debian-pool',
    version: '2.66',
    origin: 'Debian pool pool/main/libc/libcap2/libcap2_2.66.orig.tar.xz',
    sha256: POOL_FILE.sha256,
  });
  expect(sha256Of(readFileSync(resolved.files[0]?.file ?? ''))).toBe(POOL_FILE.sha256);
  expect(complaintsIn(rig)).toEqual([]);
});

test('a file of the Debian pool that is another one is kept in rejected/', async () => {
  const rig = aptRig();
  const wrong = { ...POOL_FILE, sha256: sha256Of(Buffer.from('another one')) };
  const error = await rejectionOf(resolveSource({ component: 'libcap', candidates: [wrong] }, rig.context));
  expect(error.code).toBe('SOURCE_HASH_MISMATCH');
  expect(error.lines).toContain(`found    ${POOL_FILE.sha256}`);
  const kept = readFileSync(join(rig.storeDir, 'rejected', 'libcap2_2.66.orig.tar.xz.rejected'));
  expect(sha256Of(kept)).toBe(POOL_FILE.sha256);
});

test('a file of the Debian pool that no mirror has is reported as not available', async () => {
  const rig = aptRig();
  const missing = { ...POOL_FILE, 'debian-pool': 'pool/main/n/none/none_1.orig.tar.xz' };
  const error = await rejectionOf(resolveSource({ component: 'libcap', candidates: [missing] }, rig.context));
  expect(error.code).toBe('SOURCE_UNAVAILABLE');
  expect(error.lines).toEqual([
    expect.stringMatching(/^Debian pool pool\/main\/n\/none\/none_1\.orig\.tar\.xz: 404 Not Found/),
  ]);
});
