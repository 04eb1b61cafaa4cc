import type { Readable } from 'node:stream';
import { rootSymbols } from './check-emulator-kernel.ts';
import type { GuestRoot, Machine } from './machines.ts';

/** Longer than the reason of a panic, and short enough to search again with every chunk. */
const RECENT_CHARACTERS = 4_096;

/** The last thing that a kernel says on its console. */
export type LastWords =
  | { readonly kind: 'panicked'; readonly reason: string }
  | { readonly kind: 'powered off' | 'restarted' | 'halted' };

/** Finds a panic, or the messages of kernel/reboot.c, in the console's output. */
export function findLastWords(consoleText: string): LastWords | undefined {
  // Match only complete lines, so that a reason that arrives in two chunks is whole.
  const panic = /Kernel panic - not syncing(?:: *)?([^\r\n]*)[\r\n]/.exec(consoleText)?.[1];
  if (panic !== undefined) return { kind: 'panicked', reason: panic };
  switch (/reboot: (Power down|System halted|Restarting system)/.exec(consoleText)?.[1]) {
    case 'Power down':
      return { kind: 'powered off' };
    case 'System halted':
      return { kind: 'halted' };
    case 'Restarting system':
      return { kind: 'restarted' };
    default:
      return undefined;
  }
}

/** Watches a console for last words. */
export interface LastWordsWatch {
  /** Returns the last words in the most recent console output. */
  latest(): LastWords | undefined;
}

/** Calls `onLastWords` once, as soon as the kernel says that it has stopped. */
export function watchLastWords(console: Readable, onLastWords: (words: LastWords) => void): LastWordsWatch {
  let recent = '';
  let called = false;
  console.on('data', (chunk: Buffer) => {
    const text = recent + chunk.toString('latin1');
    recent = text.slice(-RECENT_CHARACTERS);
    const words = called ? undefined : findLastWords(text);
    if (words === undefined) return;
    called = true;
    onLastWords(words);
  });
  return { latest: () => findLastWords(recent) };
}

/** Returns what the user can do about a kernel panic, as far as its reason shows. */
export function explainPanic(reason: string, machine: Machine, root: GuestRoot): string | undefined {
  if (/Unable to mount root fs|Cannot open root device/.test(reason)) {
    const symbols = rootSymbols(machine, root)
      .map(({ symbol }) => `${symbol}=y`)
      .join(', ');
    return root.kind === 'disk'
      ? `to read ${root.file} the kernel needs ${symbols}`
      : `to start from an initramfs the kernel needs ${symbols}, and the image an executable /sbin/init`;
  }
  // The shell that starts the image's init ends with 126 or 127 when it cannot.
  if (/No working init found|Requested init|exitcode=0x00007[ef]00/.test(reason)) {
    return 'check /sbin/init: it is missing, not executable, for another processor, or lacks its dynamic linker';
  }
  if (reason.includes('Attempted to kill init'))
    return '/sbin/init ended or crashed; the lines above say why';
  if (/[Oo]ut of memory|deadlocked on memory/.test(reason)) {
    return 'give the machine more memory: emulator.memory in the board profile';
  }
  return undefined;
}
