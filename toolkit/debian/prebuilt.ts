import { mkdir, mkdtemp, open } from 'node:fs/promises';
import { join } from 'node:path';
import { hashBytes } from '../host/hash-file.ts';
import { downloadPackage, type AptPackage } from './apt-package.ts';
import { openAptState, type AptState } from './apt-state.ts';
import { dataOfDeb } from '../unpack/deb.ts';
import { EntryGuard } from '../unpack/entry-guard.ts';
import { extractTarball } from '../unpack/extract-tarball.ts';
import { libraryPackages } from './library-packages.ts';
import { removeTree } from '../host/remove-tree.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import type { SourceContext } from '../download/source-context.ts';
import { Unavailable } from '../download/unavailable.ts';
import type { DebianPort } from '../toolchain/architectures.ts';
import { debianUpstreamVersion } from '../download/version-from-name.ts';

/** A component that Debian has compiled for the target. */
export interface PrebuiltPackages {
  /** Packages to take; those of the needed libraries are found automatically. */
  readonly packages: readonly string[];
  /** lxc-kit never compiles it, so there is no warning that it is prebuilt. */
  readonly only?: true;
}

/** A recipe for programs that Debian has compiled for the target. */
export interface PrebuiltRecipe extends PrebuiltPackages {
  readonly port: DebianPort;
}

/**
 * Downloads the packages of a recipe, and those of all shared libraries that they need, directly or indirectly.
 * Version and origin are those of the package `name`. Throws Unavailable when a package is not available.
 */
export async function takePrebuilt(
  component: string,
  name: string,
  recipe: PrebuiltRecipe,
  context: SourceContext,
): Promise<ResolvedSource> {
  const apt = await openAptState(context, recipe.port.arch);
  await mkdir(context.workDir, { recursive: true });
  const dir = await mkdtemp(join(context.workDir, 'prebuilt-'));
  try {
    const collection = new Collection(dir, apt, context);
    for (const wanted of new Set([name, ...recipe.packages])) {
      const found = await downloadPackage(wanted, apt, context).catch(async (error: unknown) => {
        throw error instanceof Unavailable ? ((await withoutPort(recipe, apt)) ?? error) : error;
      });
      await collection.add(found);
    }
    await collection.close();
    const packages = collection.packages.sort((a, b) => (a.deb.name < b.deb.name ? -1 : 1));
    const version = packages.find((one) => one.name === name)?.version ?? '';
    return {
      component,
      kind: 'debian',
      form: 'debs',
      version: debianUpstreamVersion(version),
      origin: `Debian package ${name} ${version} (${recipe.port.arch})`,
      sha256: hashBytes(
        packages
          .map(({ deb }) => deb.sha256)
          .sort()
          .join('\n'),
      ),
      files: packages.map(({ deb }) => deb),
    };
  } finally {
    await removeTree(dir);
  }
}

/** The reason when none of the machine's mirrors has the port; undefined when one does. */
async function withoutPort(
  { port: { arch, lastRelease } }: PrebuiltRecipe,
  apt: AptState,
): Promise<Unavailable | undefined> {
  if (lastRelease === undefined || (await apt.hasPackages())) return undefined;
  return new Unavailable(
    `the apt sources of this machine have no packages for ${arch}; ${lastRelease} was the last release with them`,
  );
}

/** Packages unpacked to one directory, and the libraries that their programs still need. */
class Collection {
  readonly packages: AptPackage[] = [];
  readonly #dir: string;
  readonly #apt: AptState;
  readonly #context: SourceContext;
  readonly #guard = new EntryGuard('from the root');
  /** The needed sonames, each with the first file that needs it. */
  readonly #needed = new Map<string, string>();

  constructor(dir: string, apt: AptState, context: SourceContext) {
    this.#dir = dir;
    this.#apt = apt;
    this.#context = context;
  }

  async add(aptPackage: AptPackage): Promise<void> {
    const options = { guard: this.#guard, modeOf: () => 0o755 };
    const files = await extractTarball(
      await dataOfDeb(aptPackage.deb.file),
      this.#dir,
      options,
      this.#context,
    );
    this.packages.push(aptPackage);
    for (const path of files) {
      const file = join(this.#dir, path);
      if (!(await isElf(file))) continue;
      for (const soname of await this.#context.neededLibraries(file)) {
        if (!this.#needed.has(soname)) this.#needed.set(soname, `/${path}`);
      }
    }
  }

  /** Adds packages until no needed library is missing. A Map may grow during iteration. */
  async close(): Promise<void> {
    for (const [soname, user] of this.#needed) {
      if (!this.#holds(soname)) await this.#addLibrary(soname, user);
    }
  }

  async #addLibrary(soname: string, user: string): Promise<void> {
    const reasons: string[] = [];
    for (const name of libraryPackages(soname)) {
      try {
        const found = await downloadPackage(name, this.#apt, this.#context);
        if (await this.#isIn(found, soname)) {
          await this.add(found);
          return;
        }
        reasons.push(`the package ${name} does not contain it`);
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        reasons.push(error.message);
      }
    }
    throw new Unavailable(`${user} needs ${soname}: ${reasons.join('; ')}`);
  }

  #holds(soname: string): boolean {
    return holdsLibrary(this.#guard, soname);
  }

  async #isIn({ deb }: AptPackage, soname: string): Promise<boolean> {
    const guard = new EntryGuard('from the root');
    const options = { guard, modeOf: () => 0, wanted: () => false };
    await extractTarball(await dataOfDeb(deb.file), this.#dir, options, this.#context);
    return holdsLibrary(guard, soname);
  }
}

/** Packages contain libraries under their sonames, as a file or as a link (Debian Policy 8.1). */
function holdsLibrary(guard: EntryGuard, soname: string): boolean {
  for (const path of guard.kinds.keys()) {
    if (path.endsWith(`/${soname}`) && /^(?:usr\/)?lib\d*\//.test(path)) return true;
  }
  return false;
}

async function isElf(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 && buffer.toString('latin1') === '\x7fELF';
  } finally {
    await handle.close();
  }
}
