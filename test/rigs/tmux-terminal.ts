import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Far longer than the menus of a kernel take to compile; LXC_KIT_TIMEOUT_FACTOR is for slow machines. */
const TIMEOUT_MS = 180_000 * Number(process.env['LXC_KIT_TIMEOUT_FACTOR'] ?? '1');

/** A terminal in which a program is driven as a person would: by keys, and by looking at the screen. */
export class TmuxTerminal {
  readonly #socket: string;

  /** Starts a line of shell in a terminal of 100 by 40, in a tmux server of its own. */
  constructor(name: string, command: string, cwd: string) {
    this.#socket = `lxc-kit-test-${process.pid}-${name}`;
    this.#tmux('-f', '/dev/null', 'new-session', '-d', '-x', '100', '-y', '40', '-c', cwd, command);
  }

  /** Contents of the screen, without blanks at the ends of lines. */
  screen(): string {
    return this.#tmux('capture-pane', '-p');
  }

  /** Whether a person sees where they write. */
  cursorVisible(): boolean {
    return this.#tmux('display-message', '-p', '#{cursor_flag}').trim() === '1';
  }

  /** Presses keys, by their names in tmux (`Enter`, `Escape`) or as they are. */
  press(...keys: readonly string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  /** Waits until something that matches is on the screen. */
  async waitFor(pattern: RegExp): Promise<string> {
    const deadline = Date.now() + TIMEOUT_MS;
    for (;;) {
      const screen = this.screen();
      if (pattern.test(screen)) return screen;
      if (Date.now() > deadline) throw new Error(`waited in vain for ${String(pattern)}:\n${screen}`);
      await sleep(200);
    }
  }

  /** Presses keys again and again until something that matches is on the screen. */
  async pressUntil(pattern: RegExp, ...keys: readonly string[]): Promise<void> {
    const deadline = Date.now() + TIMEOUT_MS;
    while (!pattern.test(this.screen())) {
      if (Date.now() > deadline) throw new Error(`pressed in vain for ${String(pattern)}:\n${this.screen()}`);
      for (const key of keys) {
        this.press(key);
        await sleep(600);
      }
    }
  }

  /** Ends everything that runs in it. */
  close(): void {
    this.#tmux('kill-server');
  }

  #tmux(...args: readonly string[]): string {
    return execFileSync('tmux', ['-u', '-L', this.#socket, ...args], { encoding: 'utf8' });
  }
}
