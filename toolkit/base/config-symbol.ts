/** `VETH` and `CONFIG_VETH` are the same symbol. */
export function withConfigPrefix(symbol: string): string {
  return symbol.startsWith('CONFIG_') ? symbol : `CONFIG_${symbol}`;
}
