import { expect, test } from 'vitest';
import { auditConfig, readFinalConfig } from '../../../toolkit/kconfig/audit-config.ts';
import { countFindings, formatAudit } from '../../../toolkit/kconfig/format-audit.ts';
import { mergeLayers } from '../../../toolkit/kconfig/merge-fragments.ts';
import { parseConfig } from '../../../toolkit/kconfig/parse-config.ts';
import { adviseFindings } from '../../../toolkit/kconfig/symbol-advice.ts';

const requests = mergeLayers([
  parseConfig('CONFIG_CPUSETS=y\nCONFIG_VETH=y\nCONFIG_NF_NAT_IPV4=y\n', 'kconfig-fragments/lxc.config'),
  parseConfig('CONFIG_VETH=m\nCONFIG_TUN=y\nCONFIG_HZ=100\n', 'boards/vendor.config'),
]);
const absent = ['CONFIG_NF_NAT_IPV4', 'CONFIG_GONE'];
const known = (symbol: string): boolean => !absent.includes(symbol);
const required = [
  { symbol: 'CONFIG_CPUSETS', reason: 'processor list (web)' },
  { symbol: 'CONFIG_GONE', reason: 'container c1: something' },
];
const final = readFinalConfig('CONFIG_VETH=y\nCONFIG_HZ=250\n');
const findings = adviseFindings(auditConfig(requests, final, required, known), final, '6.1.192', known);

test('the table has a group for each class, with place, outcome and what to do', () => {
  expect(formatAudit(findings)).toBe(
    [
      'required, but not set: a build stops here (2)',
      '  CONFIG_CPUSETS=y      kconfig-fragments/lxc.config:1  final: not set',
      '    needed by processor list (web)',
      '  CONFIG_GONE           nothing asks for it             no such symbol',
      '    needed by container c1: something',
      '',
      'lost: asked for, but not set (1)',
      '  CONFIG_TUN=y          boards/vendor.config:2          final: not set',
      '',
      'changed: asked for, but set to something else (2)',
      '  CONFIG_HZ=100         boards/vendor.config:3          final: =250',
      '  CONFIG_VETH=m         boards/vendor.config:1          final: =y',
      '    after =y in kconfig-fragments/lxc.config:2',
      '',
      'unknown: this tree has no such symbol (1)',
      '  CONFIG_NF_NAT_IPV4=y  kconfig-fragments/lxc.config:3',
      '    write CONFIG_NF_NAT (since Linux 5.1: NAT has IPv4 and IPv6 built in)',
      '',
      'overridden: a later line asked for something else (1)',
      '  CONFIG_VETH=y         kconfig-fragments/lxc.config:2  overridden by =m in boards/vendor.config:1',
    ].join('\n'),
  );
});

test('the counts have every class', () => {
  expect(countFindings(findings)).toEqual({
    required: 2,
    wanted: 0,
    lost: 1,
    changed: 2,
    unknown: 1,
    overridden: 1,
    optional: 0,
    computed: 0,
    dropped: 0,
  });
  expect(countFindings([])).toEqual({
    required: 0,
    wanted: 0,
    lost: 0,
    changed: 0,
    unknown: 0,
    overridden: 0,
    optional: 0,
    computed: 0,
    dropped: 0,
  });
});

test('machine, CPU and containers come before the classes; what is computed or dropped is a number', () => {
  const location = { file: 'boards/box.config', line: 1, column: 1 };
  const base = { requested: 'y', final: 'n', location } as const;
  expect(
    formatAudit([
      { ...base, symbol: 'CONFIG_USB', kind: 'lost' },
      { ...base, symbol: 'CONFIG_MEMCG', kind: 'lost', about: 'containers' },
      { ...base, symbol: 'CONFIG_STB7', kind: 'unknown', inTree: false, about: 'machine' },
      { ...base, symbol: 'CONFIG_GONE', kind: 'unknown', inTree: false },
      {
        ...base,
        symbol: 'CONFIG_OLD',
        kind: 'unknown',
        inTree: false,
        instead: ['CONFIG_NEW'],
        advice: 'write CONFIG_NEW',
      },
      { ...base, symbol: 'CONFIG_HAVE_A_RATHER_LONG_NAME', kind: 'computed' },
      { ...base, symbol: 'CONFIG_SOUND', requested: 'm', kind: 'dropped' },
    ]),
  ).toBe(
    [
      'machine and CPU: asked for, but with another result (1)',
      '  CONFIG_STB7=y   boards/box.config:1  no such symbol in this tree',
      '',
      'for containers: asked for, but with another result (1)',
      '  CONFIG_MEMCG=y  boards/box.config:1  final: not set',
      '',
      'lost: asked for, but not set (1)',
      '  CONFIG_USB=y    boards/box.config:1  final: not set',
      '',
      'unknown: this tree has no such symbol (2)',
      '  CONFIG_OLD=y    boards/box.config:1',
      '    write CONFIG_NEW',
      '  CONFIG_GONE=y   boards/box.config:1',
      '',
      'computed: these have no prompt, the tree decides them (1; their names: --json)',
      '',
      'dropped: kernel.modules leaves these out (1; their names: --json)',
    ].join('\n'),
  );
});
