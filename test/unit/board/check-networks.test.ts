import { expect, test } from 'vitest';
import { checkNetworks } from '../../../toolkit/board/check-networks.ts';

const place = () => ({ file: 'board.yaml', line: 1, column: 1 });
const web = { type: 'veth', link: 'lxcbr0', name: 'eth0' };

function problems(bridges: unknown): string[] {
  const containers = [{ value: { name: 'web', network: [web] }, path: [], locate: place }];
  return checkNetworks({ bridges, interfaces: undefined, containers, locate: place }).map(
    ({ message }) => message,
  );
}

test('a link is one of the bridges of the profile, where it has any', () => {
  expect(problems([{ name: 'br9' }])).toEqual(['the profile has no bridge "lxcbr0"']);
  expect(problems([{ name: 'lxcbr0' }])).toEqual([]);
  expect(problems(undefined)).toEqual([]);
  expect(problems([])).toEqual([]);
});
