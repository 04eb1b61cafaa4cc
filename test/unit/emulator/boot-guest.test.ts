import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { KitError } from '../../../toolkit/base/errors.ts';
import { BootFailure } from '../../../toolkit/emulator/boot-failure.ts';
import { bootGuest, type BootRequest } from '../../../toolkit/emulator/boot-guest.ts';
import { fakeGuest } from './fake-guest.ts';

/** Boots a guest that must fail, and returns why it did. */
async function failureOf(request: BootRequest): Promise<BootFailure> {
  const error: unknown = await bootGuest(request).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(BootFailure);
  return error as BootFailure;
}

/** The processes of the fake guest that still live. */
function processesOf(dir: string): string[] {
  const pids = readFileSync('/proc/self/mountinfo', 'utf8') === '' ? [] : listProcesses();
  return pids.filter((pid) => environmentOf(pid).includes(`FAKE_DIR=${dir}`));
}
