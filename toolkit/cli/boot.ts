import type { BoardOptions } from './open-build.ts';
export type BootOptions = BoardOptions;
export async function boot(_options: BootOptions): Promise<void> { await Promise.resolve(); }
