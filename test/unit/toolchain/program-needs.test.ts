import { describe, expect, it } from 'vitest';
import { auditConfig, describeFinding, readFinalConfig } from '../../../toolkit/kconfig/audit-config.ts';
import { deriveFragment } from '../../../toolkit/kernel-needs/derive-fragment.ts';
import { listNeeds } from '../../../toolkit/kernel-needs/list-needs.ts';
import { architectures, programNeeds } from '../../../toolkit/toolchain/architectures.ts';
import { boardWith } from '../kernel-needs/rig.ts';

/** Findings for programs compiled with these flags and a kernel with nothing but the given symbols. */
function missing(
  symbols: string,
  cflags: readonly string[] = ['-march=mips32r2'],
  prefix?: string,
): string[] {
  const needs = programNeeds(architectures.mipsel, { cflags, prefix });
  const own = new Set(needs.flatMap((need) => need.symbols.map((symbol) => `CONFIG_${symbol}`)));
  const required = listNeeds(boardWith([], { architecture: { needs } }))
    .filter(({ symbol, wanted }) => own.has(symbol) && !wanted)
    .map(({ symbol, reasons, value, onlyWith, unless }) => ({
      symbol,
      reason: reasons.join(),
      ...(value === undefined ? {} : { value }),
      ...(onlyWith === undefined ? {} : { onlyWith: `CONFIG_${onlyWith}` }),
      ...(unless === undefined ? {} : { unless: `CONFIG_${unless}` }),
    }));
  const text = symbols.split(' ').map((symbol) => `CONFIG_${symbol}=y`);
  return auditConfig(new Map(), readFinalConfig(text.join('\n')), required).map(describeFinding);
}

const GOOD = 'CPU_LITTLE_ENDIAN MIPS_FP_SUPPORT COMPAT_32BIT_TIME';

describe('the support that o32 programs need', () => {
  it('a 32-bit kernel has it, and a 64-bit one only with MIPS32_O32', () => {
    expect(missing(GOOD)).toEqual([]);
    expect(missing(`${GOOD} 64BIT MIPS32_O32`)).toEqual([]);
    expect(missing(`${GOOD} 64BIT MIPS32_N32`)).toEqual([
      'CONFIG_MIPS32_O32  not asked for, final: not set (needed by o32 programs: a 64-bit kernel without it cannot start them)',
    ]);
  });

  it('a kernel for release 6 does not run those of earlier releases, but for its emulator', () => {
    const [found, ...more] = missing(`${GOOD} CPU_MIPSR6`);
    expect(found).toContain('CONFIG_CPU_MIPSR6  not asked for, final: =y (must be off for programs');
    expect(more).toEqual([]);
    expect(missing(`${GOOD} CPU_MIPSR6 MIPSR2_TO_R6_EMULATOR`)).toEqual([]);
  });

  it.each([
    ['flags', ['-march=mips32r6'], undefined],
    ['compiler', [], 'mipsisa32r6el-linux-gnu-'],
  ])('only a kernel for release 6 runs programs of release 6, by their %s', (_, cflags, prefix) => {
    expect(missing(`${GOOD} CPU_MIPSR6`, cflags, prefix)).toEqual([]);
    expect(missing(GOOD, cflags, prefix)).toEqual([
      expect.stringContaining('CONFIG_CPU_MIPSR6  not asked for, final: not set (needed by programs'),
    ]);
  });

  it('a kernel of the other byte order, or without floating point, is refused', () => {
    expect(missing('CPU_BIG_ENDIAN MIPS_FP_SUPPORT COMPAT_32BIT_TIME')).toEqual([
      expect.stringContaining('CONFIG_CPU_LITTLE_ENDIAN'),
    ]);
    const soft = 'CPU_LITTLE_ENDIAN COMPAT_32BIT_TIME';
    expect(missing(soft)).toEqual([expect.stringContaining('CONFIG_MIPS_FP_SUPPORT')]);
    expect(missing(soft, ['-msoft-float'])).toEqual([]);
  });

  it('a derived fragment asks for none of what only other kernels have', () => {
    const needs = programNeeds(architectures.mipsel, { cflags: [] });
    const { text } = deriveFragment(boardWith([], { architecture: { needs } }), []);
    expect(text).toContain('CONFIG_CPU_LITTLE_ENDIAN=y\n');
    expect(text).not.toMatch(/MIPS32_O32|MIPSR6/);
  });
});
