import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KitError } from '../base/errors.ts';
import { everyAtOnce } from '../base/every-at-once.ts';
import { fingerprintHash, type Fingerprint } from '../engine/fingerprint.ts';
import type { MadeResult, FoundResult, SharedResults, SharingContext } from '../engine/shared-results.ts';
import { lockOut } from '../host/out-lock.ts';
import { hashBytes } from '../host/hash-file.ts';
import { decodeActionResult, encodeActionResult, type OutputFile } from './action-result.ts';
import { isSame, type LocalResults } from './local-results.ts';
import { RemoteFailure, type RemoteCache, type RemoteMode } from './remote-cache.ts';
import { blobsOf, MAX_RESULT_BYTES, parseStoredResult, type StoredResult } from './stored-result.ts';

/** A remote cache, and what it is called where people read it. */
export interface Remote {
  readonly cache: RemoteCache;
  readonly mode: RemoteMode;
  readonly shownAs: string;
}

/** The file among a result's outputs that says what the others are. */
const INDEX = 'lxc-kit-result.json';

const LOCK_POLL_MS = 250;

/** Files of one result on their way at once: enough to wait for the server and for the disk at the same time. */
const TRANSFERS = 8;

/** Opens the results that a store, and perhaps a remote cache behind it, have. */
export function shareResults(local: LocalResults, lockDir: string, remote?: Remote): SharedResults {
  /** Emptied at the first trouble: that is told, and then the build goes on without it. */
  const remotes = remote === undefined ? [] : [remote];

  async function withRemote<T>(
    context: SharingContext,
    act: (cache: RemoteCache) => Promise<T>,
  ): Promise<T | undefined> {
    const [one] = remotes;
    if (one === undefined) return undefined;
    try {
      return await act(one.cache);
    } catch (error) {
      if (!(error instanceof RemoteFailure)) throw error;
      if (remotes.pop() !== undefined)
        context.warn(`going on without the remote cache ${one.shownAs}: ${error.message}`);
      return undefined;
    }
  }

  /** Brings a result from the remote cache into the store. Nothing of it is believed that its hash does not say. */
  async function bring(
    cache: RemoteCache,
    fingerprint: Fingerprint,
    signal: AbortSignal,
  ): Promise<StoredResult | undefined> {
    const entry = await cache.getEntry(fingerprintHash(fingerprint), signal);
    const index = entry && decodeActionResult(entry)?.find(({ path }) => path === INDEX);
    // More is no list of files, and the server could name any size.
    if (index !== undefined && index.sizeBytes > MAX_RESULT_BYTES) return undefined;
    const bytes = index && (await cache.getBlob(index.sha256, index.sizeBytes, signal));
    const stored = bytes && parseStoredResult(bytes);
    if (stored === undefined || !isSame(stored, fingerprint)) return undefined;
    const whole = await everyAtOnce(blobsOf(stored), TRANSFERS, async ({ sha256, sizeBytes }) => {
      if ((await local.blobs.size(sha256)) === sizeBytes) return true;
      return local.blobs.receive(sha256, (file) => cache.getFile(sha256, sizeBytes, file, signal));
    });
    if (!whole) return undefined;
    await local.write(stored, fingerprint);
    return stored;
  }

  async function bringIfPossible(
    fingerprint: Fingerprint,
    context: SharingContext,
  ): Promise<StoredResult | undefined> {
    try {
      return await withRemote(context, (cache) => bring(cache, fingerprint, context.signal));
    } catch (error) {
      context.signal.throwIfAborted();
      // What comes from there goes into the store first, which may be full or read-only.
      context.warn(
        `what the remote cache has of ${context.step} does not get into the store: ${describe(error)}`,
      );
      return undefined;
    }
  }

  async function send(
    cache: RemoteCache,
    fingerprint: Fingerprint,
    stored: StoredResult,
    signal: AbortSignal,
  ): Promise<void> {
    const blobs = blobsOf(stored);
    await everyAtOnce(blobs, TRANSFERS, async ({ sha256 }) => {
      await cache.putFile(sha256, local.blobs.path(sha256), signal);
      return true;
    });
    const index = Buffer.from(JSON.stringify(stored));
    const files: OutputFile[] = [
      { path: INDEX, sha256: hashBytes(index), sizeBytes: index.length },
      ...blobs.map((blob) => ({ path: `cas/${blob.sha256}`, ...blob })),
    ];
    await cache.putBlob(hashBytes(index), index, signal);
    // Last: whoever finds it finds everything.
    await cache.putEntry(fingerprintHash(fingerprint), encodeActionResult(files), signal);
  }

  return {
    lock: (fingerprint, context) => lockResult(join(lockDir, fingerprintHash(fingerprint)), context),

    async find(fingerprint, context): Promise<FoundResult | undefined> {
      const kept = await local.find(fingerprint);
      const found = kept ?? (await bringIfPossible(fingerprint, context));
      if (found === undefined) return undefined;
      const from = kept === undefined ? (remote?.shownAs ?? '') : 'the store';
      const paths = found.outputs.map(({ path }) => path);
      return { ...found, from, paths, place: () => local.place(found, fingerprint, context.places) };
    },

    async keep(fingerprint, made: MadeResult, context): Promise<void> {
      let stored: StoredResult | undefined;
      try {
        stored = await local.keep(fingerprint, made, context.places);
      } catch (error) {
        // A store that is full or read-only keeps nobody from building.
        context.warn(`what ${context.step} made is not kept in the store: ${describe(error)}`);
        return;
      }
      if (stored === undefined || remote?.mode !== 'read-write') return;
      const whole = stored;
      await withRemote(context, (cache) => send(cache, fingerprint, whole, context.signal));
    },
  };
}

/** Waits for whoever makes the same result, in whatever out directory. */
async function lockResult(lockFile: string, context: SharingContext): Promise<() => void> {
  let told = false;
  for (;;) {
    context.signal.throwIfAborted();
    try {
      return lockOut(lockFile, context.step);
    } catch (error) {
      if (!(error instanceof KitError)) throw error;
      // Where no lock can be made, nobody can be waited for.
      if (error.code === 'OUT_UNWRITABLE') return () => undefined;
      if (!told) context.note(`waits for another lxc-kit that makes the same ${ownerIn(error)}`.trimEnd());
      told = true;
      await sleep(LOCK_POLL_MS, undefined, { signal: context.signal });
    }
  }
}

function ownerIn({ message }: KitError): string {
  return /\(pid \d+\)/.exec(message)?.[0] ?? '';
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
