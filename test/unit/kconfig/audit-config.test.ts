import { expect, test } from 'vitest';
import {
  auditConfig,
  describeFinding,
  readFinalConfig,
  type RequiredSymbol,
} from '../../../toolkit/kconfig/audit-config.ts';
import { mergeLayers } from '../../../toolkit/kconfig/merge-fragments.ts';
import { parseConfig } from '../../../toolkit/kconfig/parse-config.ts';

/** Findings, as a person reads them. */
function audit(asked: string, final: string, required: readonly RequiredSymbol[] = []): string[] {
  const requests = mergeLayers([parseConfig(asked, 'kconfig-fragments/lxc.config')]);
  return auditConfig(requests, readFinalConfig(final), required).map(
    (finding) => `${finding.kind}: ${describeFinding(finding)}`,
  );
}

const need = (symbol: string, reason = 'container c1: network'): RequiredSymbol => ({ symbol, reason });

test('what came out as asked is no finding', () => {
  const text = 'CONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\nCONFIG_D="x=y"\nCONFIG_E=0x10\n';
  expect(audit(text, text, [need('CONFIG_A'), need('CONFIG_B')])).toEqual([]);
  // Neither does Kconfig mention what cannot be set.
  expect(audit('# CONFIG_GONE is not set\nCONFIG_EMPTY=""\n', '')).toEqual([]);
});

test('what was lost, and what became something else', () => {
  expect(
    audit(
      'CONFIG_CPUSETS=y\nCONFIG_HZ=100\nCONFIG_M=m\n# CONFIG_ON is not set\n',
      'CONFIG_HZ=250\nCONFIG_M=y\nCONFIG_ON=y\n',
    ),
  ).toEqual([
    'lost: CONFIG_CPUSETS  asked =y in kconfig-fragments/lxc.config:1, final: not set',
    'changed: CONFIG_HZ  asked =100 in kconfig-fragments/lxc.config:2, final: =250',
    'changed: CONFIG_M  asked =m in kconfig-fragments/lxc.config:3, final: =y',
    'changed: CONFIG_ON  asked =n in kconfig-fragments/lxc.config:4, final: =y',
  ]);
});

test('what is required and missing comes first, each with its reason', () => {
  const findings = audit('CONFIG_VETH=y\nCONFIG_A=y\n', '# CONFIG_VETH is not set\n', [
    need('CONFIG_VETH'),
    need('CONFIG_MEMCG', 'container c1: memory limit'),
    need('CONFIG_VETH', 'container c2: network'),
  ]);
  expect(findings).toEqual([
    'required: CONFIG_MEMCG  asked for nowhere, final: not set (needed by container c1: memory limit)',
    'required: CONFIG_VETH  asked =y in kconfig-fragments/lxc.config:1, final: not set (needed by container c1: network)',
    'required: CONFIG_VETH  asked =y in kconfig-fragments/lxc.config:1, final: not set (needed by container c2: network)',
    'lost: CONFIG_A  asked =y in kconfig-fragments/lxc.config:2, final: not set',
  ]);
});

test('what is only wanted and missing is told in other words, and once', () => {
  const wanted: RequiredSymbol = { symbol: 'CONFIG_PRINTK', reason: "the kernel's messages", wanted: true };
  expect(audit('# CONFIG_PRINTK is not set\n', '', [wanted, need('CONFIG_VETH')])).toEqual([
    'required: CONFIG_VETH  asked for nowhere, final: not set (needed by container c1: network)',
    "wanted: CONFIG_PRINTK  asked =n in kconfig-fragments/lxc.config:1, final: not set (wanted for the kernel's messages)",
  ]);
  expect(audit('CONFIG_PRINTK=y\n', 'CONFIG_PRINTK=y\n', [wanted])).toEqual([]);
});

test('a profile that turns off what its containers need is told who did it', () => {
  expect(audit('# CONFIG_VETH is not set\n', '# CONFIG_VETH is not set\n', [need('CONFIG_VETH')])).toEqual([
    'required: CONFIG_VETH  asked =n in kconfig-fragments/lxc.config:1, final: not set (needed by container c1: network)',
  ]);
});

test('a required symbol that is there with another value than asked is not hidden', () => {
  expect(audit('CONFIG_VETH=y\n', 'CONFIG_VETH=m\n', [need('CONFIG_VETH')])).toEqual([
    'changed: CONFIG_VETH  asked =y in kconfig-fragments/lxc.config:1, final: =m',
  ]);
});

test('who requires a symbol that nobody asked for is named by place', () => {
  const location = { file: 'boards/x.yaml', line: 14, column: 3 };
  const [finding] = auditConfig(new Map(), new Map(), [{ ...need('CONFIG_A', 'kernel.require'), location }]);
  expect(finding).toEqual({
    symbol: 'CONFIG_A',
    kind: 'required',
    requested: 'y',
    final: 'n',
    location,
    reason: 'kernel.require',
  });
});

test('a final .config is read as Kconfig writes it', () => {
  const text = [
    '#',
    '# Automatically generated file; DO NOT EDIT.',
    '# Linux/mips 6.1.192 Kernel Configuration',
    '#',
    'CONFIG_A=y',
    'CONFIG_CMDLINE="a=b # c"',
    '# CONFIG_B is not set',
    '# end of Section',
    '',
  ].join('\n');
  expect([...readFinalConfig(text)]).toEqual([
    ['CONFIG_A', 'y'],
    ['CONFIG_CMDLINE', '"a=b # c"'],
    ['CONFIG_B', 'n'],
  ]);
});
