import type { LoadContext } from './load-context.ts';
import { posix } from 'node:path';
import { readPart } from '../host/file-part.ts';
import type { FileEntry } from '../rootfs/manifest.ts';
import type { LinkTrait } from '../toolchain/program-traits.ts';
import { builtInDirs, linkerOf, type DynamicLinker } from './dynamic-linkers.ts';
import type { Elf } from './elf.ts';
import { LibrarySearch, type LoadedFile } from './library-search.ts';
import type { ProgramProblem } from './program-problem.ts';

/** More libraries than any program has. */
const MAX_LIBRARIES = 2_000;

/** An upper limit; that of musl, which is the whole C library, has 700 KB. */
const MAX_LINKER_BYTES = 8 * 1024 * 1024;

/**
 * Loads a program as the kernel and its dynamic linker would and returns the problems. Libraries that a program opens
 * itself (dlopen) are unknown. Empty if a needed file is known only on the running device.
 */
export async function loadProgram(path: string, elf: Elf, context: LoadContext): Promise<ProgramProblem[]> {
  const { interpreter } = elf;
  if (interpreter === undefined) return [];
  const place = context.view.find(interpreter);
  if (place.kind === 'unknown') return [];
  if (place.kind !== 'file') return [{ kind: 'linker', of: path, linker: interpreter }];
  const { mode } = place.entry;
  // The kernel opens it to execute it (open_exec).
  if ((mode & 0o111) === 0) return [{ kind: 'not-executable', of: path, needs: interpreter, mode }];
  const noExec = (file: string): ProgramProblem[] => {
    const mount = context.view.noExecAt(file);
    return mount === undefined ? [] : [{ kind: 'noexec', of: path, file, mount }];
  };
  const notExecuted = noExec(place.path);
  if (notExecuted.length > 0) return notExecuted;
  const linker = linkerOf(place.path, interpreter);
  if (linker === undefined) return [];

  const search = new LibrarySearch(context, linker, {
    interpreter,
    dirs: linkerDirs(linker, place.entry),
  });
  const program: LoadedFile = { path, names: [path], elf, wantedBy: undefined };
  const own = await context.read(place.entry);
  const loaded: LoadedFile[] = [program];
  if (own !== undefined)
    loaded.push({
      path: place.path,
      names: [interpreter, posix.basename(interpreter)],
      elf: { ...own, needed: [] },
      wantedBy: program,
    });
  const problems: ProgramProblem[] = [];
  for (const file of loaded) {
    for (const name of file.elf.needed) {
      if (linker.answersItself?.test(name) === true || loaded.some((other) => answers(other, name))) continue;
      const found = await search.find(name, file);
      if (found.kind === 'unknown') return [];
      if (found.kind === 'problem') problems.push(found.problem);
      // mmap(2): EPERM for PROT_EXEC.
      else problems.push(...noExec(found.path));
      if (found.kind === 'file' && loaded.length < MAX_LIBRARIES)
        loaded.push({ path: found.path, names: [name], elf: found.elf, wantedBy: file });
    }
  }
  if (problems.length > 0) return unique(problems);
  return [
    ...(linker.comparesVersions ? loaded.flatMap((file) => missingVersions(file, loaded)) : []),
    ...loaded.slice(1).flatMap((file) => mixedTraits(program, file, context.linkTraits)),
  ];
}

function linkerDirs(linker: DynamicLinker, entry: FileEntry): readonly string[] {
  const built = entry.sizeBytes <= MAX_LINKER_BYTES ? builtInDirs(readPart(entry)) : [];
  return built.length > 0 ? built : linker.defaultDirs;
}

/** Whether a loaded file has a name: the one by which it was needed, or its soname. */
function answers({ names, elf }: LoadedFile, name: string): boolean {
  return names.includes(name) || elf.soname === name;
}

/** Finds missing versions. For a library without any versions glibc only warns (match_symbol in elf/dl-version.c). */
function missingVersions(file: LoadedFile, loaded: readonly LoadedFile[]): ProgramProblem[] {
  return file.elf.neededVersions.flatMap(({ library, versions }) => {
    const found = loaded.find((other) => answers(other, library));
    const has = found?.elf.definedVersions;
    if (found === undefined || has === undefined) return [];
    return versions
      .filter((version) => !has.includes(version))
      .map(
        (version) => ({ kind: 'version', of: file.path, library, file: found.path, version, has }) as const,
      );
  });
}

function mixedTraits(program: LoadedFile, file: LoadedFile, traits: readonly LinkTrait[]): ProgramProblem[] {
  return traits.flatMap((trait) => {
    const [own, other] = [trait.ofFile(program.elf), trait.ofFile(file.elf)];
    if (own === undefined || other === undefined || trait.mixes(own, other)) return [];
    return [
      { kind: 'link-trait', of: program.path, file: file.path, trait: trait.name, own, other } as const,
    ];
  });
}

/** Removes duplicates: if two libraries need a missing third one, it is reported once. */
function unique(problems: readonly ProgramProblem[]): ProgramProblem[] {
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const key = problem.kind === 'library' ? problem.library : JSON.stringify(problem);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
