import { errorMessage, systemErrorCode } from '../base/errors.ts';
import { redactUrls } from '../base/redact-urls.ts';

/** `later`: up to three more tries with growing waits; `quickly`: one more soon; `no`: retrying does not help. */
export type Retry = 'no' | 'quickly' | 'later';

/** Why one try of a download failed; `message` is for people. */
export class DownloadFailure extends Error {
  readonly retry: Retry;
  /** The wait that the server asks for (Retry-After). */
  readonly waitMs: number | undefined;

  constructor(message: string, retry: Retry, waitMs?: number) {
    super(message);
    this.name = 'DownloadFailure';
    this.retry = retry;
    this.waitMs = waitMs;
  }
}

/** Explains an error of the network (Node.js or undici) for a connection to `host`. */
export function explainNetworkError(error: unknown, host: string, stallMs: number): DownloadFailure {
  const root = rootOf(error);
  const code = systemErrorCode(root) ?? '';
  const where = addressOf(root) ?? host;
  switch (code) {
    // These mean no network or no such server: waiting does not help, and a machine without internet must not wait.
    case 'ENOTFOUND':
      return new DownloadFailure(`${where} has no address (ENOTFOUND)`, 'quickly');
    case 'EAI_AGAIN':
      return new DownloadFailure(`the address of ${where} cannot be looked up (EAI_AGAIN)`, 'quickly');
    case 'ECONNREFUSED':
      return new DownloadFailure(`${where} refuses the connection (ECONNREFUSED)`, 'quickly');
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
      return new DownloadFailure(`${where} cannot be reached (${code})`, 'quickly');
    // A firewall that drops packets costs the whole timeout; a second try would add nothing.
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return new DownloadFailure(`${where} does not answer (${code})`, 'no');
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return new DownloadFailure(`${host} sent nothing for ${stallMs / 1000} s`, 'later');
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return new DownloadFailure(`${host} closed the connection (${code})`, 'later');
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return new DownloadFailure(`${host} sent another number of bytes than it announced`, 'later');
    default:
      return new DownloadFailure(
        redactUrls(`${host}: ${errorMessage(root)}`),
        isOfTls(code) ? 'no' : 'quickly',
      );
  }
}

/** Node.js wraps the errors of several addresses into one, and fetch wraps its cause. */
function rootOf(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return rootOf(error.errors[0]);
  if (error instanceof Error && systemErrorCode(error) === undefined && error.cause !== undefined)
    return rootOf(error.cause);
  return error;
}

/** The host or address that the error is about; with a proxy, the proxy's. */
function addressOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { hostname, address, port } = error as { hostname?: unknown; address?: unknown; port?: unknown };
  if (typeof hostname === 'string') return hostname;
  return typeof address === 'string' ? `${address}:${String(port)}` : undefined;
}

function isOfTls(code: string): boolean {
  return /CERT|SSL|TLS|UNABLE_TO|SELF_SIGNED/.test(code);
}
