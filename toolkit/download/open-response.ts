import type { Dispatcher } from 'undici';
import { DownloadFailure } from './download-failure.ts';
import { redactUrls } from '../base/redact-urls.ts';

const MAX_REDIRECTS = 10;

export interface OpenResponse {
  readonly status: number;
  readonly body: Dispatcher.ResponseData['body'];
  /** Value of a header, by its lower-case name. */
  header(name: string): string | undefined;
}

export interface OpenOptions {
  readonly dispatcher: Dispatcher;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Sends a GET and follows redirects, at most ten. The caller must read or destroy the body. */
export async function openResponse(url: string, options: OpenOptions): Promise<OpenResponse> {
  const { request } = await import('undici');
  const seen = new Set<string>();
  let current = new URL(url);
  const authorization = takeCredentials(current);
  const { origin } = current;
  for (;;) {
    if (seen.has(current.href)) {
      throw new DownloadFailure(`the redirects go round in a loop (${redactUrls(current.href)})`, 'no');
    }
    if (seen.size > MAX_REDIRECTS) throw new DownloadFailure(`more than ${MAX_REDIRECTS} redirects`, 'no');
    seen.add(current.href);
    const response = await request(current, {
      method: 'GET',
      dispatcher: options.dispatcher,
      signal: options.signal,
      // Compressed bytes would not match the hash, and ranges would count other bytes.
      headers: {
        'accept-encoding': 'identity',
        'user-agent': 'lxc-kit',
        ...options.headers,
        // A password is only for its own server, not for the target of a redirect.
        ...(authorization !== undefined && current.origin === origin ? { authorization } : {}),
      },
    });
    const header = (name: string): string | undefined => [response.headers[name]].flat()[0];
    const location = header('location');
    if (response.statusCode < 300 || response.statusCode > 399 || location === undefined) {
      return { status: response.statusCode, body: response.body, header };
    }
    await response.body.dump();
    current = redirectTarget(location, current);
  }
}

function redirectTarget(location: string, from: URL): URL {
  if (!URL.canParse(location, from.href)) {
    throw new DownloadFailure(`it redirects to an invalid address: ${redactUrls(location)}`, 'no');
  }
  const target = new URL(location, from);
  if (target.protocol !== 'http:' && target.protocol !== 'https:') {
    throw new DownloadFailure(`it redirects to ${target.protocol}//, which is neither http nor https`, 'no');
  }
  takeCredentials(target);
  return target;
}

/** Removes user and password from a URL and returns them as a header, since undici does not send them. */
function takeCredentials(url: URL): string | undefined {
  const { username, password } = url;
  url.username = '';
  url.password = '';
  if (username === '' && password === '') return undefined;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}
