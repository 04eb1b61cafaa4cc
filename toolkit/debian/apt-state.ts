import { stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inStore } from '../host/own-folders.ts';
import { makeDirs } from '../host/make-dirs.ts';
import { runTool, type RunResult } from '../host/run-tool.ts';
import { writeAtomic } from '../host/write-atomic.ts';
import { proxiesOf } from '../download/proxy-dispatcher.ts';
import { redactUrls } from '../base/redact-urls.ts';
import type { SourceContext } from '../download/source-context.ts';
import { Unavailable } from '../download/unavailable.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Apt's package lists of one architecture, in the store: without root, and without changing the host's lists. */
export interface AptState {
  readonly dir: string;
  readonly architecture: string;
  /** Runs apt-get with this state, one at a time across all processes. Throws Unavailable with apt's message. */
  run(args: readonly string[], cwd: string): Promise<string>;
  /** Fetches the package lists, unless this state has already done so. */
  refresh(): Promise<void>;
  /** Whether the lists were fetched within a day, or by this state. */
  isFresh(): Promise<boolean>;
  /** Whether the fetched lists contain packages for the architecture; no when no configured release has it. */
  hasPackages(): Promise<boolean>;
  /** Whether `refresh` would do nothing. */
  readonly refreshed: boolean;
}

/** Opens the private apt state of a Debian architecture. */
export async function openAptState(context: SourceContext, architecture: string): Promise<AptState> {
  const dir = inStore(context.storeDir, 'apt', architecture);
  for (const part of ['lists/partial', 'cache/archives/partial']) makeDirs(join(dir, part));
  const configFile = join(dir, 'apt.conf');
  await writeAtomic(configFile, privateConfiguration(dir, architecture));
  const env = await aptEnvironment(context);
  const stamp = join(dir, 'refreshed');
  let refreshed = false;
  let complaint: string | undefined;

  async function run(args: readonly string[], cwd: string): Promise<string> {
    // flock releases the lock when its process ends, for whatever reason.
    const result = await runTool(['flock', join(dir, 'lock'), 'apt-get', '-c', configFile, ...args], {
      cwd,
      env,
      logFile: context.logFile,
      signal: context.signal,
      capture: true,
    });
    // Apt exits with 0 even when it could not reach a mirror, which may be one that is not needed here.
    if (args[0] === 'update' && result.kind === 'exited')
      complaint = /^W: (Failed to fetch .*)$/m.exec(result.errors)?.[1];
    try {
      return outputOfApt(result);
    } catch (error) {
      if (complaint === undefined || !(error instanceof Unavailable)) throw error;
      throw new Unavailable(`${error.message}; the package lists are not complete: ${readable(complaint)}`);
    }
  }

  return {
    dir,
    architecture,
    run,
    get refreshed() {
      return refreshed;
    },
    async refresh() {
      if (refreshed) return;
      refreshed = true;
      await run(['update'], dir);
      if (complaint !== undefined) return;
      await writeFile(stamp, '');
      await utimes(stamp, new Date(), new Date());
    },
    async hasPackages() {
      return (
        (await run(['indextargets', '--format', '$(FILENAME)'], dir)).trim() !== '' || complaint !== undefined
      );
    },
    async isFresh() {
      const age = await stat(stamp).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => Infinity,
      );
      return refreshed || (age < DAY_MS && context.update !== true);
    },
  };
}

/** The environment for apt programs: that of the tools, plus the user's proxies unless the host's apt has its own. */
export async function aptEnvironment(context: SourceContext): Promise<Record<string, string>> {
  const proxies = proxiesOf(context.userEnv);
  const env = { ...context.env, ...(proxies.none === '' ? {} : { no_proxy: proxies.none }) };
  const settings = (['http', 'https'] as const).filter((scheme) => proxies[scheme] !== '');
  if (settings.length === 0) return env;
  // In a file that only the user can read, because logs contain environments and a proxy's URL may contain
  // a password. APT_CONFIG is read before the host's own configuration, which therefore wins (apt.conf(5)).
  const file = inStore(context.storeDir, 'apt', 'proxy.conf');
  const lines = settings.map((scheme) => `Acquire::${scheme}::Proxy "${proxies[scheme]}";\n`);
  await writeAtomic(file, lines.join(''), 0o600);
  return { ...env, APT_CONFIG: file };
}

/** Returns the stdout of a successful apt program; otherwise throws Unavailable with its E: lines. */
export function outputOfApt(result: RunResult): string {
  // 69 is flock's own code for a missing command.
  if (result.kind === 'not-started' || (result.kind === 'exited' && [69, 127].includes(result.exitCode))) {
    throw new Unavailable('this machine has no apt');
  }
  if (result.kind === 'killed') throw new Unavailable(`apt was killed by ${result.signal}`);
  if (result.exitCode === 0) return result.output;
  const complaints = result.errors
    .split('\n')
    .filter((line) => line.startsWith('E: ') && !MEANINGLESS.test(line));
  throw new Unavailable(
    complaints.length > 0
      ? readable(complaints.slice(0, 3).join('; '))
      : `apt ended with exit code ${result.exitCode}`,
  );
}

/** Lines of apt that repeat another line. */
const MEANINGLESS = /^E: (?:Download Failed$|Couldn't find any package by|Some index files failed)/;

function readable(text: string): string {
  return redactUrls(text.replace(/ +/g, ' '));
}

/**
 * Read after the host's configuration (apt.conf(5)): its sources, keys, proxies and preferences apply, but everything
 * that apt writes goes to `dir`.
 */
function privateConfiguration(dir: string, architecture: string): string {
  return `// Written by lxc-kit.
APT::Architecture "${architecture}";
#clear APT::Architectures;
APT::Architectures { "${architecture}"; };
Dir::State::lists "${dir}/lists";
Dir::State::status "/dev/null";
Dir::Cache "${dir}/cache";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "";
// As root, apt would switch to the user _apt, who cannot write here, and warn.
APT::Sandbox::User "root";
Acquire::Retries "1";
Acquire::Languages "none";
// These change the host: caches of package managers, images of containers.
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
// Only lists of packages: no contents, icons or translations.
#clear Acquire::IndexTargets;
Acquire::IndexTargets::deb::Packages {
  MetaKey "$(COMPONENT)/binary-$(ARCHITECTURE)/Packages";
  flatMetaKey "Packages";
  ShortDescription "Packages";
  Description "$(RELEASE)/$(COMPONENT) $(ARCHITECTURE) Packages";
  flatDescription "$(RELEASE) Packages";
  Optional "0";
};
`;
}
