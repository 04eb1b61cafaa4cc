import { posix } from 'node:path';
import { readPart } from '../host/file-part.ts';
import type { DynamicLinker } from './dynamic-linkers.ts';
import type { Elf } from './elf.ts';
import { ElfError } from './elf.ts';
import type { LoadContext } from './load-context.ts';
import { matchingPaths } from './root-view.ts';
import type { ProgramProblem } from './program-problem.ts';

/** A program or library that the dynamic linker has loaded. */
export interface LoadedFile {
  /** The path in the container, links followed. */
  readonly path: string;
  /** The names by which it was needed. */
  readonly names: readonly string[];
  readonly elf: Elf;
  /** The file whose DT_NEEDED named it first; undefined for the program. */
  readonly wantedBy: LoadedFile | undefined;
}

export type FoundLibrary =
  | { readonly kind: 'file'; readonly path: string; readonly elf: Elf }
  | { readonly kind: 'problem'; readonly problem: ProgramProblem }
  | { readonly kind: 'unknown' };

/** Directories of one kind, in the order of the search. */
interface SearchedDirs {
  readonly dirs: readonly string[];
  /** The unusable entry of a run path: $ORIGIN of a program without /proc. */
  readonly unusable?: string;
}

const ORIGIN = /\$(?:ORIGIN\b|\{ORIGIN\})/g;

/** Files that list libraries or directories are small. */
const MAX_LIST_BYTES = 4 * 1024 * 1024;

/** Finds the libraries of a program. Source: ld.so(8) and the sources in `dynamic-linkers.ts`. */
export class LibrarySearch {
  readonly #context: LoadContext;
  readonly #linker: DynamicLinker;
  readonly #ownDirs: readonly string[];
  readonly #cache: ReadonlyMap<string, string> | undefined;

  constructor(
    context: LoadContext,
    linker: DynamicLinker,
    { interpreter, dirs }: { readonly interpreter: string; readonly dirs: readonly string[] },
  ) {
    this.#context = context;
    this.#linker = linker;
    const listed = linker.pathFile === undefined ? undefined : this.#read(linker.pathFile(interpreter));
    this.#ownDirs = listed === undefined ? dirs : listed.split(/[:\n]/).filter(Boolean);
    const cache = linker.cacheFile === undefined ? undefined : this.#read(linker.cacheFile);
    this.#cache = cache === undefined ? undefined : cachedLibraries(cache);
  }

  /** Looks for a library that `file` needs. */
  async find(name: string, file: LoadedFile): Promise<FoundLibrary> {
    if (name.includes('/')) {
      const path = this.#expand(name, file);
      const found = path === undefined ? undefined : await this.#open(path, file.elf);
      return found ?? missing(file, name, [posix.dirname(path ?? name)]);
    }
    const groups = this.#searched(file);
    for (const { dirs } of groups) {
      for (const dir of dirs) {
        const found = await this.#open(posix.join(dir, name), file.elf);
        if (found !== undefined) return found;
      }
    }
    const cached = this.#cache?.get(name);
    const inCache = cached === undefined ? undefined : await this.#open(cached, file.elf);
    if (inCache !== undefined) return inCache;
    const unusable = groups.find((group) => group.unusable !== undefined)?.unusable;
    if (unusable !== undefined) {
      // With /proc it might be found, so the missing /proc is the problem.
      const path = posix.join(
        unusable.replaceAll(ORIGIN, () => posix.dirname(file.path)),
        name,
      );
      if (this.#context.view.find(path).kind === 'file')
        return {
          kind: 'problem',
          problem: { kind: 'origin', of: file.path, library: name, runPath: unusable },
        };
    }
    return missing(file, name, [...new Set(groups.flatMap(({ dirs }) => dirs))], this.#onlyInCache(name));
  }

  /** Returns the directories in the order of the search. DT_RUNPATH overrides the DT_RPATH of the same file (glibc). */
  #searched(file: LoadedFile): SearchedDirs[] {
    const { libraryPath } = this.#context;
    const environment: SearchedDirs = { dirs: libraryPath.filter(Boolean) };
    const ownDirs: SearchedDirs = { dirs: file.elf.noDefaultDirs ? [] : this.#ownDirs };
    const chain = [...aboveAndSelf(file)];
    if (this.#linker.inheritsRunPath) {
      const dirs = chain.map((one) => this.#runPath(one.elf.runPath ?? one.elf.rpath, one));
      return [environment, ...dirs, { dirs: this.#ownDirs }];
    }
    const rpath =
      file.elf.runPath === undefined
        ? chain.filter(({ elf }) => elf.runPath === undefined).map((one) => this.#runPath(one.elf.rpath, one))
        : [];
    return [...rpath, environment, this.#runPath(file.elf.runPath ?? [], file), ownDirs];
  }

  #runPath(dirs: readonly string[], file: LoadedFile): SearchedDirs {
    const expanded = dirs.filter(Boolean).map((dir) => this.#expand(dir, file));
    const unusable = dirs.filter(Boolean).find((_, i) => expanded[i] === undefined);
    return {
      dirs: expanded.filter((dir) => dir !== undefined),
      ...(unusable === undefined ? {} : { unusable }),
    };
  }

  /** Returns undefined if the dynamic linker cannot read $ORIGIN of the program from /proc/self/exe. */
  #expand(dir: string, file: LoadedFile): string | undefined {
    if (!/\$(?:ORIGIN\b|\{ORIGIN\})/.test(dir)) return dir;
    if (file.wantedBy === undefined && !this.#context.hasProc) return undefined;
    return posix.normalize(dir.replaceAll(ORIGIN, () => posix.dirname(file.path)));
  }

  /** Skips a file of another class or machine, as dynamic linkers do; the check of all files reports it. */
  async #open(path: string, wanted: Elf): Promise<FoundLibrary | undefined> {
    // $LIB and $PLATFORM depend on the device's CPU.
    if (!path.startsWith('/') || path.includes('$')) return { kind: 'unknown' };
    const place = this.#context.view.find(path);
    if (place.kind === 'unknown') return { kind: 'unknown' };
    if (place.kind !== 'file') return undefined;
    const elf = await this.#readElf(place.entry);
    if (elf === 'damaged') return { kind: 'unknown' };
    if (elf?.bits !== wanted.bits || elf.machine !== wanted.machine) return undefined;
    return { kind: 'file', path: place.path, elf };
  }

  async #readElf(entry: Parameters<LoadContext['read']>[0]): Promise<Elf | 'damaged' | undefined> {
    try {
      return await this.#context.read(entry);
    } catch (error) {
      if (error instanceof ElfError) return 'damaged';
      throw error;
    }
  }

  /** Finds the library in a directory of /etc/ld.so.conf, which the dynamic linker knows only from ldconfig's cache. */
  #onlyInCache(name: string): string | undefined {
    if (this.#linker.cacheFile === undefined || this.#cache !== undefined) return undefined;
    return configuredDirs((path) => this.#read(path), this.#context).find(
      (dir) => this.#context.view.find(posix.join(dir, name)).kind === 'file',
    );
  }

  #read(path: string): string | undefined {
    const place = this.#context.view.find(path);
    if (place.kind !== 'file' || place.entry.sizeBytes > MAX_LIST_BYTES) return undefined;
    return readPart(place.entry).toString('latin1');
  }
}

function missing(
  file: LoadedFile,
  library: string,
  searched: readonly string[],
  onlyInCache?: string,
): FoundLibrary {
  return { kind: 'problem', problem: { kind: 'library', of: file.path, library, searched, onlyInCache } };
}

function* aboveAndSelf(file: LoadedFile): Iterable<LoadedFile> {
  for (let at: LoadedFile | undefined = file; at !== undefined; at = at.wantedBy) yield at;
}

/** Returns the paths in /etc/ld.so.cache by library name; in all its formats the strings follow one another. */
function cachedLibraries(cache: string): Map<string, string> {
  const paths = cache.split('\0').filter((text) => /^\/[^\n]*\.so/.test(text));
  return new Map(paths.map((path) => [posix.basename(path), path]));
}

/** Returns the directories of /etc/ld.so.conf and its includes; ldconfig(8). */
function configuredDirs(read: (path: string) => string | undefined, { view }: LoadContext): string[] {
  const dirs: string[] = [];
  const open = ['/etc/ld.so.conf'];
  const seen = new Set<string>();
  for (let path = open.shift(); path !== undefined; path = open.shift()) {
    if (seen.has(path)) continue;
    seen.add(path);
    for (const line of (read(path) ?? '').split('\n').map((text) => text.replace(/#.*/, '').trim())) {
      const [, pattern] = /^include\s+(\S+)$/.exec(line) ?? [];
      if (pattern === undefined) dirs.push(...line.split(/[\s:,]+/).filter((dir) => dir.startsWith('/')));
      else open.push(...matchingPaths(view, posix.resolve('/etc', pattern)));
    }
  }
  return dirs;
}
