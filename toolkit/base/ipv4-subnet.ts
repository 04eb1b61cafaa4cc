/** An IPv4 address as a number. */
function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function addressOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

function split(cidr: string): { readonly address: string; readonly size: number } {
  const [address = '', length = '32'] = cidr.split('/');
  return { address, size: 2 ** (32 - Number(length)) };
}

/** `192.168.0.1` of `192.168.0.1/24`. */
export function addressIn(cidr: string): string {
  return split(cidr).address;
}

/** `255.255.255.0` of `192.168.0.1/24`. */
export function netmaskOf(cidr: string): string {
  return addressOf(2 ** 32 - split(cidr).size);
}

/** `192.168.0.0/24` of `192.168.0.1/24`. */
export function networkOf(cidr: string): string {
  const { address, size } = split(cidr);
  return `${addressOf(Math.floor(numberOf(address) / size) * size)}/${32 - Math.log2(size)}`;
}

/** Whether an address is in the same network as `192.168.0.1/24`. */
export function subnetHolds(cidr: string, address: string): boolean {
  const { address: own, size } = split(cidr);
  return Math.floor(numberOf(own) / size) === Math.floor(numberOf(address) / size);
}
