import type { Readable } from 'node:stream';
import { rootSymbols } from './check-emulator-kernel.ts';
import type { GuestRoot, Machine } from './machines.ts';

/** More than a panic's reason needs, and little enough to be searched again with every chunk. */
const RECENT_CHARACTERS = 4_096;

/** How a kernel said on its console that it goes no further. */
export type LastWords =
  | { readonly kind: 'panicked'; readonly reason: string }
  | { readonly kind: 'powered off' | 'restarted' | 'halted' };

/** Finds a panic, or what kernel/reboot.c prints, in what a console shows. */
export function findLastWords(consoleText: string): LastWords | undefined {
  // A line counts only when it has ended, so that a reason that comes in two chunks is whole.
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

/** Listens for last words on a console. */
export interface LastWordsWatch {
  /** The last words among what the console showed most recently. */
  latest(): LastWords | undefined;
  /** Calls nobody any more. */
  mute(): void;
}

/** Calls `onLastWords` once, as soon as the kernel says that it goes no further. */
export function watchLastWords(console: Readable, onLastWords: (words: LastWords) => void): LastWordsWatch {
  let recent = '';
  let muted = false;
  console.on('data', (chunk: Buffer) => {
    const text = recent + chunk.toString('latin1');
    recent = text.slice(-RECENT_CHARACTERS);
    const words = muted ? undefined : findLastWords(text);
    if (words === undefined) return;
    muted = true;
    onLastWords(words);
  });
  return {
    latest: () => findLastWords(recent),
    mute() {
      muted = true;
    },
  };
}

/** What a person can do about a kernel panic, as far as its reason tells. */
export function explainPanic(reason: string, machine: Machine, root: GuestRoot): string | undefined {
  if (/Unable to mount root fs|Cannot open root device/.test(reason)) {
    const symbols = rootSymbols(machine, root)
      .map(({ symbol }) => `${symbol}=y`)
      .join(', ');
    return root.kind === 'disk'
      ? `to read ${root.file} the kernel needs ${symbols}`
      : `to start from an initramfs the kernel needs ${symbols}, and the image an executable /sbin/init`;
  }
  if (/No working init found|Requested init/.test(reason)) {
    return '/sbin/init is missing, not executable, for another processor, or lacks its dynamic linker';
  }
  if (reason.includes('Attempted to kill init'))
    return '/sbin/init ended or crashed; the lines above say why';
  if (/[Oo]ut of memory|deadlocked on memory/.test(reason)) {
    return 'give the machine more memory: emulator.memory in the board profile';
  }
  return undefined;
}
