import type { Diagnostic } from '../base/diagnostic.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { bytesIn } from '../cgroups/cgroup-settings.ts';
import type { Locate, PlacedSetting } from '../lxc-keys/problem-list.ts';
import { ElfError, readElf } from '../programs/elf.ts';
import type { FileEntry, RootfsEntry } from '../rootfs/manifest.ts';
import { rawSettings } from '../opened-board/describe-board.ts';

/** The cgroup files that limit the memory of a container. */
const MEMORY_LIMIT = /^lxc\.cgroup2?\.memory\.(?:max|limit_in_bytes)$/;

/**
 * Finds a container whose program has variables larger than its memory limit: the kernel would kill it once it has used
 * them. Memory that a program allocates while it runs is unknown.
 */
export async function checkMemory(
  container: ContainerDefinition,
  program: RootfsEntry | undefined,
  included: readonly PlacedSetting[],
  locate: Locate,
): Promise<Diagnostic[]> {
  if (program?.type !== 'file') return [];
  const limit = memoryLimit(container, included, locate);
  if (limit === undefined) return [];
  const needed = await variableBytes(program);
  if (needed <= limit.bytes) return [];
  return [
    {
      ...(limit.location === undefined ? {} : { location: limit.location }),
      message: `${container.name} may use ${inMebibytes(limit.bytes)} of memory, but the variables of its program ${program.path} alone need ${inMebibytes(needed)} (.data and .bss): the kernel kills it`,
      help: `give it more than ${Math.ceil(needed / MEBIBYTE)}M, or make the arrays of the program smaller`,
    },
  ];
}

function memoryLimit(
  container: ContainerDefinition,
  included: readonly PlacedSetting[],
  locate: Locate,
): { readonly bytes: number; readonly location: Diagnostic['location'] } | undefined {
  const lines = [...included, ...rawSettings(container, locate)];
  const line = lines.findLast(({ key }) => MEMORY_LIMIT.test(key));
  const { memory } = container.limits;
  const bytes = bytesIn(memory ?? line?.value ?? '');
  if (bytes === undefined) return undefined;
  return { bytes, location: memory === undefined ? line?.place : locate(['limits', 'memory']) };
}

/** Returns the size of a program's variables; another check reports damaged programs. */
async function variableBytes(program: FileEntry): Promise<number> {
  try {
    return (await readElf(program))?.variableBytes ?? 0;
  } catch (error) {
    if (error instanceof ElfError) return 0;
    throw error;
  }
}

const MEBIBYTE = 1024 * 1024;

function inMebibytes(bytes: number): string {
  return `${Math.round((bytes / MEBIBYTE) * 10) / 10} MiB`;
}
