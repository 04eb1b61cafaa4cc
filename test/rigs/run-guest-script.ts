import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs a script as a guest's shell would, with programs whose text is given in front of this machine's own; returns what it prints. */
export function runGuestScript(script: string, programs: Readonly<Record<string, string>>): string {
  const bin = mkdtempSync(join(tmpdir(), 'lxc-kit-guest-'));
  try {
    for (const [name, text] of Object.entries(programs)) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(bin, name), 0o755);
    }
    return execFileSync('/bin/sh', ['-c', script], {
      env: { PATH: `${bin}:/usr/bin:/bin` },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } finally {
    rmSync(bin, { recursive: true, force: true });
  }
}
