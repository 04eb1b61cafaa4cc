// For `node --import`: appends the address of every module that is imported to the file that LOGGED_MODULES names.
import { appendFileSync } from 'node:fs';
import { register } from 'node:module';
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

// The hooks run in a thread of their own, where this file is loaded again.
if (isMainThread) register(import.meta.url);

const log = process.env['LOGGED_MODULES'] ?? '';

/**
 * https://nodejs.org/api/module.html#loadurl-context-nextload
 *
 * @type {import('node:module').LoadHook}
 */
export async function load(url, context, nextLoad) {
  appendFileSync(log, `${url}\n`);
  return nextLoad(url, context);
}
