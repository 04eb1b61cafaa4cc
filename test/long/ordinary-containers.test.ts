import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { chooseRanges } from '../../toolkit/lxc-keys/id-ranges.ts';
import { unpackDebianProgram } from '../rigs/debian-program.ts';
import { RealBoard } from '../rigs/real-board.ts';

/*
 * Ordinary programs in unprivileged containers: everything that a product's container does, with root inside as an
 * ordinary user of the device. One boot for each LXC; each command prints to a section of its own.
 */

const folder = shippedPath('out', 'test', 'ordinary');
const storeDir =
  process.env['LXC_KIT_STORE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'lxc-kit');

const address = (host: number): string =>
  `network: [{ type: veth, link: lxcbr0, name: eth0, ipv4: 192.168.0.${host}/24, gateway: 192.168.0.1 }]`;

/** The first ID of each container on the device. */
const ids = chooseRanges(['web', 'peer', 'dhcp', 'packed', 'server'], []);
const first = (name: string): number => ids.get(name) ?? NaN;

const PROFILE = `schema: 1
name: ordinary
extends: [${shippedPath('boards', 'malta-mipsel.yaml')}]
kernel: { fragments: [malta, lxc, derived] }
bridges: [{ name: lxcbr0, ipv4: 192.168.0.1/24 }]
rootfs:
  files:
    # For web alone: its owner is root of that container.
    - { path: /srv/web, type: dir, mode: "0700", uid: ${first('web')}, gid: ${first('web')} }
    # For web and peer.
    - { path: /srv/both, type: dir, mode: "1777" }
containers:
  - name: web
    kind: system
    rootfs: { from: busybox }
    ${address(2)}
    bind:
      - { from: /srv/web, to: /srv/web, options: [rw, nosuid, nodev] }
      - { from: /srv/both, to: /srv/both, options: [rw, nosuid, nodev] }
    tty: 1
    autostart: { order: 1 }
  - name: peer
    kind: system
    rootfs: { from: busybox, overlay: {} }
    ${address(3)}
    bind: [{ from: /srv/both, to: /srv/both, options: [rw, nosuid, nodev] }]
    console: none
    autostart: { order: 2 }
  - name: dhcp
    kind: system
    rootfs: { from: busybox, image: squashfs, overlay: { upper: /var/lib/dhcp/upper } }
    network: [{ type: veth, link: lxcbr0, name: eth0 }]
    console: none
    autostart: { order: 3 }
  - name: packed
    kind: system
    rootfs: { from: busybox, image: squashfs }
    console: none
    autostart: { order: 4 }
  - name: server
    kind: application
    rootfs: { from: { directory: ./server } }
    command: [/usr/sbin/mini_httpd, -D, -p, "80", -u, nobody, -d, /var/www]
    ${address(4)}
    console: none
    autostart: { order: 5 }
images: [cpio.gz]
`;

const inside = (name: string, command: string): string => `lxc-attach -n ${name} -- sh -c '${command}'`;
/** Waits at most a minute until a command succeeds. */
const until = (command: string): string =>
  `for i in $(seq 60); do ${command} >/dev/null 2>&1 && break; sleep 1; done`;

/** The commands that run in the guest, by the name of their section. */
const SECTIONS = {
  ids: `for name in ${[...ids.keys()].join(' ')}; do cat /proc/$(lxc-info -n $name -pH)/uid_map; done`,
  dhcp: [
    'printf "start 192.168.0.50\\nend 192.168.0.60\\ninterface lxcbr0\\nlease_file /tmp/leases\\noption router 192.168.0.1\\noption dns 192.168.0.1\\n" > /tmp/udhcpd.conf',
    ': > /tmp/leases; udhcpd /tmp/udhcpd.conf',
    inside(
      'dhcp',
      'udhcpc -i eth0 -n -q 2>&1; ifconfig eth0; cat /etc/resolv.conf; ping -c 1 -W 20 192.168.0.1',
    ),
    'ping -c 1 -W 20 192.168.0.50',
  ].join('; '),
  httpd: [
    inside('web', 'echo hello from web > /var/www/index.html; httpd -h /var/www'),
    'wget -q -O - http://192.168.0.2/',
    inside('peer', 'wget -q -O - http://192.168.0.2:80/'),
  ].join('; '),
  ping: inside('web', 'ping -c 1 -W 20 192.168.0.1; ping -c 1 -W 20 192.168.0.3; ping -c 1 -W 20 localhost'),
  syslog: [
    inside(
      'web',
      'syslogd; logger -t shop -p user.warn sold; sleep 1; cat /var/log/messages; ls -ln /var/log/messages',
    ),
    'ls -ln /opt/lxc/web/var/log/messages',
  ].join('; '),
  crond: inside(
    'web',
    'echo "* * * * * id -u > /tmp/ran" > /var/spool/cron/crontabs/root; crond; for i in $(seq 90); do [ -s /tmp/ran ] && break; sleep 1; done; echo ran as $(cat /tmp/ran)',
  ),
  users: inside(
    'web',
    [
      'adduser -D anna; su anna -c "id; echo mine > /home/anna/note; ls -l /home/anna/note"',
      'printf "Sesame-1\\nSesame-1\\n" | passwd anna 2>&1; grep ^anna: /etc/shadow | cut -c1-8',
      'su nobody -s /bin/sh -c "id; cat /etc/shadow" 2>&1',
    ].join('; '),
  ),
  debian: [
    until('wget -q -O - http://192.168.0.4/'),
    'wget -q -O - http://192.168.0.4/',
    'pid=$(lxc-info -n server -pH); grep -e ^Uid -e ^Gid -e ^NoNewPrivs /proc/$pid/status',
  ].join('; '),
  sockets: [
    `(${inside('peer', 'echo to web | nc -l -p 7000')}) & sleep 3`,
    inside('web', 'nc 192.168.0.3 7000 </dev/null'),
    'wait',
  ].join('\n'),
  'unix socket': [
    // The syslogd of peer listens at a socket in the directory of both.
    inside('peer', 'ln -s /srv/both/log /dev/log; syslogd; ls -l /srv/both/log | cut -c1-10'),
    // The one of web has its own.
    inside('web', 'killall syslogd; sleep 1; rm -f /dev/log; ln -s /srv/both/log /dev/log; logger from web'),
    `sleep 1; ${inside('peer', 'cat /var/log/messages')}`,
  ].join('; '),
  shared: [
    inside(
      'web',
      'ls -lnd /srv/web; echo of web > /srv/web/file; ls -ln /srv/web/file; echo of web > /srv/both/web',
    ),
    'ls -ln /srv/web/file',
    inside(
      'peer',
      'cat /srv/both/web; ls -ln /srv/both/web; rm -f /srv/both/web; ls /srv/both; ls /srv/web 2>&1',
    ),
  ].join('; '),
  console:
    '(sleep 4; printf "\\n"; sleep 4; printf "echo on-\\$(hostname)\\n"; sleep 4; printf "\\001q") | script -q -c "lxc-console -n web -t 1" /dev/null',
  roots: [
    inside('peer', 'echo kept > /root/file; grep " / " /proc/mounts; ls -ln /root/file'),
    'ls -ln /run/lxc-overlay/peer/upper/root/file /opt/lxc/peer/root',
    inside('dhcp', 'echo kept > /root/file; grep " / " /proc/mounts; ls -ln /root/file'),
    'ls -ln /var/lib/dhcp/upper/root/file',
    inside('packed', 'grep " / " /proc/mounts; touch /root/file; ls -lnd /root') + ' 2>&1',
  ].join('; '),
  restart: [
    'before=$(lxc-info -n web -pH)',
    inside('web', 'reboot'),
    until('now=$(lxc-info -n web -pH) && [ -n "$now" ] && [ "$now" != "$before" ]'),
    'lxc-info -n web -s; [ "$(lxc-info -n web -pH)" != "$before" ] && echo another init',
    'before=$(lxc-info -n peer -pH)',
    'lxc-stop -n peer -r',
    until('now=$(lxc-info -n peer -pH) && [ -n "$now" ] && [ "$now" != "$before" ]'),
    `lxc-info -n peer -s; [ "$(lxc-info -n peer -pH)" != "$before" ] && echo another init`,
    until(inside('web', 'ping -c 1 -W 5 192.168.0.1')),
    inside('web', 'ping -c 1 -W 20 192.168.0.1'),
    'lxc-stop -n packed; lxc-info -n packed -s; lxc-start -n packed; lxc-wait -n packed -s RUNNING -t 60; lxc-info -n packed -s',
  ].join('; '),
} as const;

const sources = process.env['LXC_KIT_LXC_SOURCES'];

if (sources === undefined) {
  process.stderr.write(
    'Ordinary programs with a compiled LXC were NOT TESTED: LXC_KIT_LXC_SOURCES names no folder with lxc-VERSION.tar.gz\n',
  );
}

describe.each([
  ['prebuilt', []],
  ...(sources === undefined
    ? []
    : [['6.0.6', ['--source', `lxc=${join(sources, 'lxc-6.0.6.tar.gz')}`]] as const]),
] as const)('in an unprivileged container of LXC %s', (name, source) => {
  const dir = join(folder, name);
  const board = new RealBoard(join(dir, 'ordinary.yaml'), `ordinary-${name}`);
  const sections = new Map<string, string>();
  const of = (section: keyof typeof SECTIONS): string => sections.get(section) ?? '';

  beforeAll(async () => {
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'ordinary.yaml'), PROFILE);
    const server = join(dir, 'server');
    await unpackDebianProgram('mini-httpd', server, { storeDir, workDir: join(dir, 'work') });
    mkdirSync(join(server, 'var/www'), { recursive: true });
    mkdirSync(join(server, 'etc'), { recursive: true });
    writeFileSync(join(server, 'etc/passwd'), 'nobody:x:65534:65534::/:/bin/false\n');
    writeFileSync(join(server, 'etc/group'), 'nogroup:x:65534:\n');
    writeFileSync(join(server, 'var/www/index.html'), 'hello from Debian\n');
    chmodSync(join(server, 'var/www/index.html'), 0o644);
    const built = await board.build(...source);
    expect(built.stderr).not.toContain('error:');
    expect(built.exitCode).toBe(0);
    // A line of its own for each name: a terminal may end in the middle of one. Some commands have to fail.
    const commands = Object.entries(SECTIONS).map(
      ([section, command]) => `printf "\\n### ${section}\\n"\n${command}\ntrue`,
    );
    const { exitCode, stdout, stderr } = await board.boot(commands, '--timeout', '1200');
    writeFileSync(join(dir, 'printed.txt'), `${stdout}\n---\n${stderr}`);
    // LXC without seccomp complains of a key of its own.
    const printed = stdout.replaceAll('\r', '').replace(/^lxc-attach: .*"lxc\.seccomp"\n/gm, '');
    for (const part of printed.split(/^\n?### /m).slice(1)) {
      const end = part.indexOf('\n');
      sections.set(part.slice(0, end), part.slice(end + 1).trimEnd());
    }
    expect([...sections.keys()]).toEqual(Object.keys(SECTIONS));
    // Every container is also compared with its definition.
    expect(stderr).not.toContain('error:');
    expect(exitCode).toBe(0);
  });

  test('all start at boot, with ids of their own', () => {
    const firsts = of('ids')
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/));
    expect(firsts).toEqual([...ids.values()].map((id) => ['0', String(id), '65536']));
  });

  test('udhcpc gets an address from the device', () => {
    expect(of('dhcp')).toMatch(/lease of 192\.168\.0\.50 obtained/);
    expect(of('dhcp')).toContain('inet addr:192.168.0.50');
    expect(of('dhcp')).toContain('nameserver 192.168.0.1');
    expect(of('dhcp').match(/1 packets received/g)).toHaveLength(2);
  });

  test('httpd serves on port 80, to the device and to another container', () => {
    expect(of('httpd')).toBe('hello from web\nhello from web');
  });

  test('ping reaches the device, another container and itself', () => {
    expect(of('ping').match(/1 packets received/g)).toHaveLength(3);
  });

  test('syslogd records a message in a file that belongs to it', () => {
    expect(of('syslog')).toMatch(/ web user\.warn shop: sold$/m);
    expect(of('syslog')).toMatch(/^-rw-r--r--\s+1 0\s+0\s.* \/var\/log\/messages$/m);
    expect(of('syslog')).toMatch(
      new RegExp(
        `^-rw-r--r--\\s+1 ${first('web')}\\s+${first('web')}\\s.* /opt/lxc/web/var/log/messages$`,
        'm',
      ),
    );
  });

  test('crond runs a job', () => {
    expect(of('crond')).toBe('ran as 0');
  });

  test('adduser, su and passwd work, and another user may not read the hashes', () => {
    expect(of('users')).toMatch(/^uid=1000\(anna\) gid=1000\(anna\)/m);
    expect(of('users')).toMatch(/^-rw-r--r--\s+1 anna\s+anna\s/m);
    expect(of('users')).toMatch(/^anna:\$\d/m);
    expect(of('users')).toMatch(/^uid=65534\(nobody\)/m);
    expect(of('users')).toMatch(/shadow.*Permission denied/);
  });

  test('a server of Debian binds port 80 and drops root', () => {
    const id = first('server') + 65534;
    expect(of('debian')).toContain('hello from Debian\n');
    expect(of('debian')).toMatch(new RegExp(`^Uid:\\s+${id}\\s+${id}\\s`, 'm'));
    expect(of('debian')).toMatch(new RegExp(`^Gid:\\s+${id}\\s+${id}\\s`, 'm'));
  });

  test('sockets join two containers, over the bridge and in a shared directory', () => {
    expect(of('sockets')).toBe('to web');
    expect(of('unix socket')).toMatch(/^srw-rw-rw-$/m);
    expect(of('unix socket')).toMatch(/ from web$/m);
  });

  test('a shared directory has the owners that its mapping says', () => {
    expect(of('shared')).toMatch(/^drwx------\s+\d+ 0\s+0\s.* \/srv\/web$/m);
    expect(of('shared')).toMatch(/^-rw-r--r--\s+1 0\s+0\s.* \/srv\/web\/file$/m);
    expect(of('shared')).toMatch(
      new RegExp(`^-rw-r--r--\\s+1 ${first('web')}\\s+${first('web')}\\s.* /srv/web/file$`, 'm'),
    );
    // peer has no owner for that file, and the sticky bit keeps it.
    expect(of('shared')).toMatch(/^-rw-r--r--\s+1 65534\s+65534\s.* \/srv\/both\/web$/m);
    expect(of('shared')).toMatch(/^web$/m);
    expect(of('shared')).toMatch(/ls: \/srv\/web: No such file or directory/);
  });

  test('lxc-console has a shell', () => {
    expect(of('console')).toContain('on-web');
  });

  test('an overlay keeps what is written, and an image is read-only', () => {
    const written = new RegExp(`^-rw-r--r--\\s+1 0\\s+0\\s.* /root/file$`, 'gm');
    expect(of('roots').match(written)).toHaveLength(2);
    expect(of('roots')).toMatch(
      new RegExp(`${first('peer')}\\s.* /run/lxc-overlay/peer/upper/root/file$`, 'm'),
    );
    expect(of('roots')).toMatch(new RegExp(`${first('dhcp')}\\s.* /var/lib/dhcp/upper/root/file$`, 'm'));
    expect(of('roots')).toMatch(/ \/ overlay rw,/);
    expect(of('roots')).toMatch(/ \/ squashfs ro,/);
    expect(of('roots')).toMatch(/touch: \/root\/file: Read-only file system/);
    expect(of('roots')).toMatch(/^drwx------\s+\d+ 0\s+0\s.* \/root$/m);
  });

  test('reboot inside, lxc-stop -r, and stop and start give a running container', () => {
    expect(of('restart').match(/^another init$/gm)).toHaveLength(2);
    expect(of('restart').match(/^State:\s+RUNNING$/gm)).toHaveLength(3);
    expect(of('restart').match(/^State:\s+STOPPED$/gm)).toHaveLength(1);
    expect(of('restart')).toContain('1 packets received');
  });
});
