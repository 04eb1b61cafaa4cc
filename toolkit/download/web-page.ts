import { open } from 'node:fs/promises';

/** Whether bytes begin like an HTML page; captive portals and some error pages come with status 200. */
export function looksLikeWebPage(start: Uint8Array): boolean {
  const text = Buffer.from(start.subarray(0, 512)).toString('latin1');
  return /^(?:\xef\xbb\xbf)?\s*(?:<!--[^]*?-->\s*)?<(?:!doctype\s+html|html|head)\b/i.test(text);
}

/** Whether a file is an HTML page. */
export async function isWebPage(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0);
    return looksLikeWebPage(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}
