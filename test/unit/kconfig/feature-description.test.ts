import { expect, test } from 'vitest';
import { formatDiagnostic } from '../../../toolkit/base/diagnostic.ts';
import { refuseFeatureDescription } from '../../../toolkit/kconfig/feature-description.ts';

function refusal(text: string, shownAs: string): string | undefined {
  const found = refuseFeatureDescription(text, shownAs);
  return found && formatDiagnostic(found);
}

const SCC = [
  '# SPDX-License-Identifier: MIT',
  'define KFEATURE_DESCRIPTION "Bridges for containers"',
  'define KFEATURE_COMPATIBILITY all',
  'include features/netfilter/netfilter.scc',
  'kconf non-hardware bridge.cfg',
  'kconf hardware parts/box.cfg',
  '',
].join('\n');

test('the fragments that it lists are what to name', () => {
  expect(refusal(SCC, 'boards/bridge.scc')).toBe(
    [
      'boards/bridge.scc:2:1 this is a Yocto feature description (.scc): it lists fragments and has no symbols itself',
      '    define KFEATURE_DESCRIPTION "Bridges for containers"',
      `    ${'~'.repeat(52)}`,
      '  help: name its fragments instead: ./bridge.cfg, ./parts/box.cfg, and those that netfilter.scc lists',
    ].join('\n'),
  );
});

test('it is known by its lines under another name, and by its name without known lines', () => {
  expect(refusal(SCC, 'boards/bridge.cfg')).toContain('this is a Yocto feature description');
  expect(refusal('include cfg/net.scc\n', 'x.scc')).toContain('help: name the .cfg files that net.scc lists');
  expect(refusal('# nothing\n', 'x.scc')).toContain('help: name .cfg files instead');
});

test('a fragment is none, whatever its comments and wrong lines say', () => {
  expect(refusal('# kconf hardware x.cfg\nCONFIG_TUN=y\n', 'x.cfg')).toBeUndefined();
  expect(refusal('include common.cfg\nCONFIG_TUN=y\n', 'x.cfg')).toBeUndefined();
  expect(refusal('', 'x.config')).toBeUndefined();
});
