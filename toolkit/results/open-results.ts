import type { Dispatcher } from 'undici';
import { inStore } from '../host/own-folders.ts';
import { KitError } from '../base/errors.ts';
import type { PortablePaths } from '../engine/portable-paths.ts';
import type { LookUp } from '../engine/plan-steps.ts';
import { sharedPlaces } from '../engine/shared-name.ts';
import type { SharedResults } from '../engine/shared-results.ts';
import { LocalResults } from './local-results.ts';
import { RemoteCache, type RemoteMode } from './remote-cache.ts';
import { shareResults, type Remote } from './share-results.ts';
import { readLimit, trimResults } from './trim-results.ts';

export interface ResultsOptions {
  readonly storeDir: string;
  readonly userEnv: Readonly<Record<string, string | undefined>>;
  readonly offline: boolean;
  /** Creates the connection pool for a remote cache, with the user's proxies. */
  readonly dispatcher: () => Promise<Dispatcher>;
}

export interface OpenedResults {
  /** Undefined when nothing is shared: every step is built here. */
  readonly shared: SharedResults | undefined;
  /** Closes connections, and trims the store to its limit. */
  close(): Promise<void>;
}

const MODES: readonly RemoteMode[] = ['read-only', 'read-write'];

/**
 * Opens the results that boards share, as the environment says: `LXC_KIT_REMOTE_CACHE=URL` adds a remote cache,
 * `LXC_KIT_REMOTE_CACHE_MODE` says whether it is written to, `LXC_KIT_STORE_LIMIT` how much may be stored here; with 0
 * nothing is stored or restored. Throws USAGE for an invalid value.
 */
export async function openResults(options: ResultsOptions): Promise<OpenedResults> {
  const { storeDir, userEnv } = options;
  const limitBytes = readLimit(userEnv['LXC_KIT_STORE_LIMIT']);
  if (limitBytes === 0) return { shared: undefined, close: () => Promise.resolve() };
  const remote = await openRemote(options);
  const shared = shareResults(
    new LocalResults(storeDir),
    inStore(storeDir, 'results', 'locks'),
    remote?.remote,
  );
  let grew = false;
  return {
    shared: {
      ...shared,
      find: async (...asked) => {
        const found = await shared.find(...asked);
        // The results of a remote cache are in the store now.
        if (found !== undefined && remote !== undefined) grew = true;
        return found;
      },
      keep: (...made) => {
        grew = true;
        return shared.keep(...made);
      },
    },
    close: async () => {
      await remote?.dispatcher.destroy();
      if (grew) await trimResults(storeDir, limitBytes);
    },
  };
}

/** Opens the results in the store for looking only: nothing is changed, and no remote cache is asked. */
export function openLookUp({
  storeDir,
  places,
  userEnv,
}: Pick<ResultsOptions, 'storeDir' | 'userEnv'> & { readonly places: PortablePaths }): LookUp | undefined {
  if (readLimit(userEnv['LXC_KIT_STORE_LIMIT']) === 0) return undefined;
  const local = new LocalResults(storeDir);
  return (fingerprint, step) => local.lookUp(fingerprint, sharedPlaces(step, places));
}

async function openRemote({
  userEnv,
  offline,
  dispatcher: makeDispatcher,
}: ResultsOptions): Promise<{ remote: Remote; dispatcher: Dispatcher } | undefined> {
  const given = userEnv['LXC_KIT_REMOTE_CACHE'] ?? '';
  const mode = readMode(userEnv['LXC_KIT_REMOTE_CACHE_MODE']);
  if (given === '' || offline) return undefined;
  const url = readUrl(given);
  const dispatcher = await makeDispatcher();
  const shownAs = `${url.protocol}//${url.host}${url.pathname}`;
  return { remote: { cache: new RemoteCache(url, dispatcher), mode, shownAs }, dispatcher };
}

function readUrl(given: string): URL {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  // It is not printed: the invalid part may be its password.
  throw new KitError('USAGE', 'LXC_KIT_REMOTE_CACHE is not an http or https address', {
    hint: 'write it as https://cache.example.com/lxc-kit, or unset it',
  });
}

function readMode(given = ''): RemoteMode {
  const mode = given === '' ? 'read-only' : MODES.find((one) => one === given);
  if (mode !== undefined) return mode;
  throw new KitError('USAGE', `LXC_KIT_REMOTE_CACHE_MODE is "${given}"`, {
    hint: `write ${MODES.join(' or ')}; without it the cache is only read`,
  });
}
