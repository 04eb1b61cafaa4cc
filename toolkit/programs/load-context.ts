import type { LinkTrait } from '../toolchain/program-traits.ts';
import type { ElfReader } from './elf-reader.ts';
import type { RootView } from './root-view.ts';

/** The context in which programs are loaded. */
export interface LoadContext {
  readonly view: RootView;
  readonly read: ElfReader;
  readonly linkTraits: readonly LinkTrait[];
  /** LD_LIBRARY_PATH of the process, split at colons. */
  readonly libraryPath: readonly string[];
  /** Whether /proc is mounted when the program starts; the dynamic linker needs it for $ORIGIN of the program. */
  readonly hasProc: boolean;
}
