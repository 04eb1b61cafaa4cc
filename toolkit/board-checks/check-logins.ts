import { type Diagnostic, DiagnosticsError, formatDiagnostic } from '../base/diagnostic.ts';
import { ACCOUNT_PATHS, isNoShell } from '../accounts/account-files.ts';
import { readPart } from '../host/file-part.ts';
import type { RootfsTree } from '../rootfs/rootfs-tree.ts';
import type { Build } from '../opened-board/build.ts';
import { givenFile } from '../opened-board/image-files.ts';

/** Throws PROFILE_INVALID if the home of a user is a directory that the system has; overlays are not laid over it yet. */
export function refuseHomes({ loaded: { profile, provenance } }: Build, tree: RootfsTree): void {
  const problems = profile.users.flatMap(({ home }, index): Diagnostic[] => {
    if (home === undefined || tree.lookup(home) === undefined) return [];
    return [
      {
        location: provenance(['users', index, 'home']),
        message: `users[${index}].home is "${home}", which the system has for itself`,
        help: 'leave it out: the default is /home/NAME',
      },
    ];
  });
  if (problems.length > 0) throw new DiagnosticsError('PROFILE_INVALID', problems);
}

/** Throws PROFILE_INVALID if a user has a shell that is not in the finished image. */
export function refuseShells({ loaded: { profile, provenance } }: Build, tree: RootfsTree): void {
  const isProgram = (path: string): boolean => {
    const entry = tree.lookup(path);
    return entry?.type === 'file' && (entry.mode & 0o111) !== 0;
  };
  const problems = profile.users.flatMap(({ shell = '/bin/sh' }, index): Diagnostic[] => {
    if (isProgram(shell)) return [];
    const others = ['/bin/sh', '/bin/ash', '/bin/bash', '/bin/false'].filter(isProgram);
    return [
      {
        location: provenance(['users', index, 'shell']),
        message: `users[${index}].shell is "${shell}", but the image has no such program`,
        help: `it has ${others.join(', ')}; another one comes with an overlay`,
      },
    ];
  });
  if (problems.length > 0) throw new DiagnosticsError('PROFILE_INVALID', problems);
}

/**
 * Returns warnings about files of the user that replace those of `users:`, and about an image that no one can log in to.
 * `keptKeys` are the authorized_keys that an overlay has.
 */
export function loginWarnings(build: Build, tree: RootfsTree, keptKeys: readonly string[]): string[] {
  const { loaded, displayPath } = build;
  const { profile, provenance } = loaded;
  const replaced = profile.users.length === 0 ? [] : [...ACCOUNT_PATHS, ...keptKeys];
  const clashes = replaced.flatMap((path): Diagnostic[] => {
    const own = givenFile(profile, path);
    if (own === undefined) return [];
    return [
      {
        location: provenance(['users']),
        message: `users: has no effect on ${path}, which is your own file: ${displayPath(own.hostFile)}`,
        help: 'leave out one of the two',
      },
    ];
  });
  return [
    ...clashes,
    ...unreadableLines(build, tree),
    ...unusedKeys(build, tree),
    ...withoutWayIn(build, tree),
  ].map(formatDiagnostic);
}

/**
 * Finds lines of a user's own /etc/shadow with a hash but without any number: BusyBox 1.37's getspnam_r() takes an old
 * errno for a broken line, and login refuses the right password.
 */
function unreadableLines({ loaded: { profile }, displayPath }: Build, tree: RootfsTree): Diagnostic[] {
  const own = givenFile(profile, '/etc/shadow');
  if (own === undefined) return [];
  return linesOf(tree, '/etc/shadow').flatMap(([name = '', hash = '', ...numbers]) => {
    if (!hash.startsWith('$') || numbers.some((number) => number !== '')) return [];
    return [
      {
        message: `${displayPath(own.hostFile)} has no number in the line of ${name}: BusyBox's login then refuses the right password`,
        help: `write ${name}:HASH::0:99999:7:::`,
      },
    ];
  });
}

/** Programs that let someone in over a network; how they decide is their own configuration's matter. */
const SSH_SERVERS = ['dropbear', 'sshd', 'tinysshd'];
const OTHER_SERVERS = ['telnetd'];
const PROGRAM_FOLDERS = [
  '/bin',
  '/sbin',
  '/usr/bin',
  '/usr/sbin',
  '/usr/local/bin',
  '/usr/local/sbin',
  '/opt/bin',
];

function programFiles(names: readonly string[]): string[] {
  return PROGRAM_FOLDERS.flatMap((folder) => names.map((name) => `${folder}/${name}`));
}

/** Finds keys that no program of the image looks at. */
function unusedKeys({ loaded: { profile, provenance } }: Build, tree: RootfsTree): Diagnostic[] {
  const index = profile.users.findIndex(({ keys }) => keys.length > 0);
  if (index < 0 || programFiles(SSH_SERVERS).some((path) => tree.lookup(path) !== undefined)) return [];
  return [
    {
      location: provenance(['users', index, 'keys']),
      message: `users[${index}].keys is of no use: the image has no SSH server`,
      help: 'add "ssh: {}" to the profile for one',
    },
  ];
}

/** Finds an image without any way in. Says nothing where a file of the user's own decides it. */
function withoutWayIn({ loaded: { profile, provenance } }: Build, tree: RootfsTree): Diagnostic[] {
  if (profile.login === 'shell' || givenFile(profile, '/etc/inittab') !== undefined) return [];
  // The profile's check has refused an SSH server without a key.
  if (
    profile.ssh !== undefined ||
    programFiles([...SSH_SERVERS, ...OTHER_SERVERS]).some((path) => givenFile(profile, path) !== undefined)
  )
    return [];
  const missing = ['/sbin/getty', '/bin/login'].find((path) => tree.lookup(path) === undefined);
  const atConsole = profile.login === 'password' && missing === undefined;
  if (atConsole && hasPassword(tree)) return [];
  const location = provenance(profile.users.length === 0 ? ['login'] : ['users']);
  if (profile.login === 'password' && missing !== undefined) {
    return [
      {
        location,
        message: `no one can log in on the console: the image has no ${missing}`,
        help: 'add CONFIG_GETTY=y and CONFIG_LOGIN=y to BusyBox (the fragment "lxc" has both)',
      },
    ];
  }
  return [
    {
      location,
      message: 'no one can log in on this device: no user has a password, and there is no SSH server',
      help: `give root one: run lxc-kit passwd, and write its output into "users: [{ name: root, password: '…' }]"; for an open root shell on the console write "login: shell"`,
    },
  ];
}

/** Whether a user of the finished image has a password that can be right, and a shell. */
function hasPassword(tree: RootfsTree): boolean {
  const shadow = new Map(linesOf(tree, '/etc/shadow').map(([name, hash = '']) => [name, hash]));
  return linesOf(tree, '/etc/passwd').some((fields) => {
    const [name, written = '', , , , , shell = ''] = fields;
    if (isNoShell(shell)) return false;
    const hash = written === 'x' ? (shadow.get(name) ?? '*') : written;
    return hash === '' || /^(?:\$.+\$.+|[./0-9A-Za-z]{13})$/.test(hash);
  });
}

function linesOf(tree: RootfsTree, path: string): string[][] {
  const entry = tree.lookup(path);
  if (entry?.type !== 'file') return [];
  return readPart(entry)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(':'));
}
