import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { shippedPath } from '../../toolkit/base/package-root.ts';

/** A running nginx that takes and gives files by WebDAV, on a port of the loopback interface. */
export interface WebDavServer {
  readonly url: string;
  /** The folder whose files it serves. */
  readonly root: string;
  /** Requests that it answered: `PUT /cas/… 201`. */
  readonly requests: () => string[];
  stop(): Promise<void>;
}

/** Starts nginx in `dir`, which has to be empty. */
export async function startWebDav(dir: string): Promise<WebDavServer> {
  const program = await nginx();
  const port = await freePort();
  const root = join(dir, 'root');
  for (const name of [root, join(dir, 'logs'), join(dir, 'bodies')]) mkdirSync(name, { recursive: true });
  const config = join(dir, 'nginx.conf');
  writeFileSync(config, configOf(dir, root, port));
  const server = spawn(program, ['-p', dir, '-c', config, '-e', join(dir, 'logs', 'error')], {
    stdio: 'inherit',
  });
  await untilItAnswers(server, port);
  const log = join(dir, 'logs', 'access');
  return {
    url: `http://127.0.0.1:${port}`,
    root,
    requests: () => readFileSync(log, 'utf8').split('\n').filter(Boolean),
    stop: () => ended(server),
  };
}

/** In the foreground and without a master, so that it ends with the process that was started. */
function configOf(dir: string, root: string, port: number): string {
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
master_process off;
pid ${join(dir, 'pid')};
events {}
http {
  log_format short '$request_method $uri $status';
  access_log ${join(dir, 'logs', 'access')} short;
  ${folders.map((name) => `${name}_temp_path ${join(dir, 'bodies', name)};`).join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    root ${root};
    client_max_body_size 0;
    dav_methods PUT;
    create_full_put_path on;
  }
}
`;
}

/**
 * Debian's nginx, unpacked and not installed: its package would start a server on port 80. The libraries that it needs
 * beside the C library are on every machine that has Python or git.
 */
async function nginx(): Promise<string> {
  const dir = shippedPath('out', 'test', 'nginx');
  const program = join(dir, 'usr', 'sbin', 'nginx');
  if (existsSync(program)) return program;
  mkdirSync(dir, { recursive: true });
  await execa('apt-get', ['download', '-q', 'nginx'], { cwd: dir });
  const [deb] = readdirSync(dir).filter((name) => name.endsWith('.deb'));
  if (deb === undefined) throw new Error('apt-get download left no package of nginx');
  await execa('dpkg-deb', ['-x', deb, '.'], { cwd: dir });
  return program;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function untilItAnswers(server: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (server.exitCode !== null) throw new Error(`nginx ended with exit code ${server.exitCode}`);
    const answered = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await sleep(50);
  }
  throw new Error('nginx does not answer');
}

function ended(server: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (server.exitCode !== null || server.signalCode !== null) resolve();
    else {
      server.once('exit', () => {
        resolve();
      });
      server.kill('SIGTERM');
    }
  });
}
