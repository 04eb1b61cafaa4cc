import type { Dispatcher } from 'undici';

type UserEnvironment = Readonly<Record<string, string | undefined>>;

/** The proxies in the user's environment; '' for none. */
export interface Proxies {
  readonly http: string;
  readonly https: string;
  /** Hosts without a proxy, separated by commas. */
  readonly none: string;
}

/** Reads http_proxy, https_proxy and no_proxy, in lower case first, as curl does. */
export function proxiesOf(userEnv: UserEnvironment): Proxies {
  const read = (name: string): string => userEnv[name] ?? userEnv[name.toUpperCase()] ?? '';
  return { http: asUrl(read('http_proxy')), https: asUrl(read('https_proxy')), none: read('no_proxy') };
}

/** A connection pool that goes through the user's proxies; `stallMs` is how long the other side may be silent. */
export async function proxyDispatcher(userEnv: UserEnvironment, stallMs: number): Promise<Dispatcher> {
  const { EnvHttpProxyAgent } = await import('undici');
  const proxies = proxiesOf(userEnv);
  // All three are given, even when empty: undici would read process.env for a missing one.
  return new EnvHttpProxyAgent({
    httpProxy: proxies.http,
    httpsProxy: proxies.https,
    noProxy: proxies.none,
    headersTimeout: stallMs,
    bodyTimeout: stallMs,
    // Most proxies allow CONNECT to port 443 only, so plain http requests go to the proxy itself.
    proxyTunnel: false,
  });
}

/** Accepts the usual short form `proxy:3128` for `http://proxy:3128`. */
function asUrl(proxy: string): string {
  return proxy === '' || proxy.includes('://') ? proxy : `http://${proxy}`;
}
