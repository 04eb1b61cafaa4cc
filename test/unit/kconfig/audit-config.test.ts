import { describe, expect, test } from 'vitest';
import {
  auditConfig,
  describeFinding,
  readFinalConfig,
  type KnowsSymbol,
  type RequiredSymbol,
} from '../../../toolkit/kconfig/audit-config.ts';
import { mergeLayers } from '../../../toolkit/kconfig/merge-fragments.ts';
import { parseConfig } from '../../../toolkit/kconfig/parse-config.ts';
import { adviseFindings } from '../../../toolkit/kconfig/symbol-advice.ts';

/** Findings, as a person reads them. */
function audit(
  asked: string | readonly string[],
  final: string,
  required: readonly RequiredSymbol[] = [],
  known?: KnowsSymbol,
): string[] {
  const texts = typeof asked === 'string' ? [asked] : asked;
  const names = ['kconfig-fragments/lxc.config', 'boards/vendor.config', 'boards/own.config'];
  const requests = mergeLayers(texts.map((text, index) => parseConfig(text, names[index] ?? '')));
  return auditConfig(requests, readFinalConfig(final), required, known).map(
    (finding) => `${finding.kind}: ${describeFinding(finding)}`,
  );
}

const need = (symbol: string, reason = 'container c1: network'): RequiredSymbol => ({ symbol, reason });

test('reports nothing that came out as asked', () => {
  const text = 'CONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\nCONFIG_D="x=y"\nCONFIG_E=0x10\n';
  expect(audit(text, text, [need('CONFIG_A'), need('CONFIG_B')])).toEqual([]);
  // Neither does Kconfig mention what cannot be set.
  expect(audit('# CONFIG_GONE is not set\nCONFIG_EMPTY=""\n', '')).toEqual([]);
});

test('reports lost symbols, and those with another value', () => {
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

test('a wish that the tree does not have, or does not grant, is no loss', () => {
  const wishes = parseConfig('CONFIG_GONE=y\n# CONFIG_ON is not set\nCONFIG_HERE=y\n', 'wishes.config');
  const requests = mergeLayers([
    { lines: wishes.lines.map((line) => ({ ...line, optional: true as const })) },
    parseConfig('CONFIG_HERE=m\nCONFIG_LOST=y\n', 'own.config'),
  ]);
  const final = readFinalConfig('CONFIG_ON=y\n');
  const known: KnowsSymbol = (symbol) => symbol !== 'CONFIG_GONE';
  expect(auditConfig(requests, final, [], known).map(({ kind, symbol }) => `${kind} ${symbol}`)).toEqual([
    // The profile's own line for the same symbol is no wish.
    'lost CONFIG_HERE',
    'lost CONFIG_LOST',
    'overridden CONFIG_HERE',
    'optional CONFIG_GONE',
    'optional CONFIG_ON',
  ]);
  // A symbol that something needs is required, whoever asks for it.
  expect(auditConfig(requests, final, [need('CONFIG_GONE')], known)[0]).toMatchObject({
    kind: 'required',
    symbol: 'CONFIG_GONE',
  });
});

test('puts missing required symbols first, each with its reason', () => {
  const findings = audit('CONFIG_VETH=y\nCONFIG_A=y\n', '# CONFIG_VETH is not set\n', [
    need('CONFIG_VETH'),
    need('CONFIG_MEMCG', 'container c1: memory limit'),
    need('CONFIG_VETH', 'container c2: network'),
  ]);
  expect(findings).toEqual([
    'required: CONFIG_MEMCG  not asked for, final: not set (needed by container c1: memory limit)',
    'required: CONFIG_VETH  asked =y in kconfig-fragments/lxc.config:1, final: not set (needed by container c1: network)',
    'required: CONFIG_VETH  asked =y in kconfig-fragments/lxc.config:1, final: not set (needed by container c2: network)',
    'lost: CONFIG_A  asked =y in kconfig-fragments/lxc.config:2, final: not set',
  ]);
});

test('a missing symbol that is only wanted is reported in other words, and once', () => {
  const wanted: RequiredSymbol = { symbol: 'CONFIG_PRINTK', reason: "the kernel's messages", wanted: true };
  expect(audit('# CONFIG_PRINTK is not set\n', '', [wanted, need('CONFIG_VETH')])).toEqual([
    'required: CONFIG_VETH  not asked for, final: not set (needed by container c1: network)',
    "wanted: CONFIG_PRINTK  asked =n in kconfig-fragments/lxc.config:1, final: not set (wanted for the kernel's messages)",
  ]);
  expect(audit('CONFIG_PRINTK=y\n', 'CONFIG_PRINTK=y\n', [wanted])).toEqual([]);
});

test('a symbol that containers need and the profile turns off is reported with the line that did it', () => {
  expect(audit('# CONFIG_VETH is not set\n', '# CONFIG_VETH is not set\n', [need('CONFIG_VETH')])).toEqual([
    'required: CONFIG_VETH  asked =n in kconfig-fragments/lxc.config:1, final: not set (needed by container c1: network)',
  ]);
});

test('a required symbol that is there with another value than asked is not hidden', () => {
  expect(audit('CONFIG_VETH=y\n', 'CONFIG_VETH=m\n', [need('CONFIG_VETH')])).toEqual([
    'changed: CONFIG_VETH  asked =y in kconfig-fragments/lxc.config:1, final: =m',
  ]);
});

test('a required symbol that was not requested is reported with the place that requires it', () => {
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

describe('a symbol that the tree does not have', () => {
  const known: KnowsSymbol = (symbol) => symbol !== 'CONFIG_GONE';

  test('is distinguished from one that was lost', () => {
    expect(audit('CONFIG_GONE=y\nCONFIG_LOST=y\n', '', [], known)).toEqual([
      'lost: CONFIG_LOST  asked =y in kconfig-fragments/lxc.config:2, final: not set',
      'unknown: CONFIG_GONE  asked =y in kconfig-fragments/lxc.config:1, but this tree has no such symbol',
    ]);
  });

  test('is no finding when it is asked to be off', () => {
    expect(audit('# CONFIG_GONE is not set\n', '', [], known)).toEqual([]);
  });

  test('stops the build when it is required, and says why', () => {
    expect(audit('', '', [need('CONFIG_GONE')], known)).toEqual([
      'required: CONFIG_GONE  not asked for, but this tree has no such symbol (needed by container c1: network)',
    ]);
  });

  test('is asked for only where the final .config does not mention it: that takes a look at all Kconfig files', () => {
    const asked: string[] = [];
    audit(
      'CONFIG_A=y\nCONFIG_B=m\nCONFIG_C=y\nCONFIG_D=y\n',
      'CONFIG_A=y\nCONFIG_B=y\n# CONFIG_C is not set\n',
      [],
      (symbol) => {
        asked.push(symbol);
        return true;
      },
    );
    expect(asked).toEqual(['CONFIG_D']);
  });

  test('counts as lost where the symbols of the tree are unknown', () => {
    expect(audit('CONFIG_GONE=y\n', '', [], () => undefined)).toEqual([
      'lost: CONFIG_GONE  asked =y in kconfig-fragments/lxc.config:1, final: not set',
    ]);
  });
});

describe('a request that a later one overrode', () => {
  test('is reported last, with both places', () => {
    expect(
      audit(
        ['CONFIG_A=y\nCONFIG_Z=y\n', 'CONFIG_A=m\n', '# CONFIG_A is not set\n'],
        '# CONFIG_A is not set\n',
      ),
    ).toEqual([
      'lost: CONFIG_Z  asked =y in kconfig-fragments/lxc.config:2, final: not set',
      'overridden: CONFIG_A  asked =y in kconfig-fragments/lxc.config:1, overridden by =n in boards/own.config:1',
      'overridden: CONFIG_A  asked =m in boards/vendor.config:1, overridden by =n in boards/own.config:1',
    ]);
  });

  test('is none when the value is the same', () => {
    expect(audit(['CONFIG_A=y\n', 'CONFIG_A=y\n'], 'CONFIG_A=y\n')).toEqual([]);
  });

  test('is remembered by the finding of the one that won', () => {
    const requests = mergeLayers([
      parseConfig('CONFIG_A=m\n', 'a.config'),
      parseConfig('\nCONFIG_A=y\n', 'b.config'),
    ]);
    const [finding] = auditConfig(requests, new Map(), [need('CONFIG_A')]);
    expect(finding).toMatchObject({
      kind: 'required',
      location: { file: 'b.config', line: 2 },
      overrode: [{ value: 'm', location: { file: 'a.config', line: 1 } }],
    });
  });
});

test('puts the advice behind the finding', () => {
  const requests = mergeLayers([parseConfig('CONFIG_NF_NAT_IPV4=y\nCONFIG_OFF=n\n', 'a.config')]);
  const known: KnowsSymbol = (symbol) => symbol !== 'CONFIG_NF_NAT_IPV4';
  const findings = adviseFindings(auditConfig(requests, new Map(), [], known), new Map(), '6.1.192', known);
  expect(findings.map(describeFinding)).toEqual([
    'CONFIG_NF_NAT_IPV4  asked =y in a.config:1, but this tree has no such symbol; write CONFIG_NF_NAT (since Linux 5.1: NAT has IPv4 and IPv6 built in)',
  ]);
  expect(findings[0]?.instead).toEqual(['CONFIG_NF_NAT']);
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

test('a hexadecimal number is as asked however it is written', () => {
  const requests = mergeLayers([
    parseConfig('CONFIG_A=0x0FC0\nCONFIG_B=1fc00000\nCONFIG_C=0x10\n', 'box.config', { whole: true }),
  ]);
  const final = readFinalConfig('CONFIG_A=0xfc0\nCONFIG_B=0x1fc00000\nCONFIG_C=0x100\n');
  expect(auditConfig(requests, final, []).map(({ symbol }) => symbol)).toEqual(['CONFIG_C']);
});
