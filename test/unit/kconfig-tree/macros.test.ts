import { describe, expect, test } from 'vitest';
import { MacroReader } from '../../../toolkit/kconfig-tree/macros.ts';

const PLACE = { file: 'drivers/Kconfig', line: 12 };

interface Reader {
  /** `NAME = value` and so on, as in a Kconfig file. */
  readonly set: (line: string) => void;
  readonly expand: (text: string) => string;
  /** Commands that were run. */
  readonly ran: string[];
  readonly reader: MacroReader;
}

function macros(environment: Readonly<Record<string, string>> = {}): Reader {
  const ran: string[] = [];
  const reader = new MacroReader({
    environment,
    shell: (command) => {
      ran.push(command);
      if (command === 'fails to start') return undefined;
      return command.startsWith('echo ') ? `${command.slice(5).replaceAll('\\n', '\n')}\n` : '';
    },
  });
  const set = (line: string): void => {
    const [, name = '', operator = '=', value = ''] = /^(\S+) (=|:=|\+=) ?(.*)$/.exec(line) ?? [];
    reader.assign(name, operator as '=' | ':=' | '+=', value, PLACE);
  };
  return { set, expand: (text) => reader.expand(text, PLACE), ran, reader };
}

describe('variables (Documentation/kbuild/kconfig-macro-language.rst, "Variables")', () => {
  test('a simply expanded one keeps what it got', () => {
    const { set, expand } = macros();
    set('B = 1');
    set('A := $(B)');
    set('B = 2');
    expect(expand('$(A)')).toBe('1');
  });

  test('a recursively expanded one is expanded where it is used', () => {
    const { set, expand } = macros();
    set('A = $(B)');
    set('B = 1');
    expect(expand('$(A)')).toBe('1');
    set('B = 2');
    expect(expand('$(A)')).toBe('2');
  });

  test('+= keeps the kind of the variable; a new one is recursive', () => {
    const { set, expand } = macros();
    set('B = b');
    set('SIMPLE := a');
    set('SIMPLE += $(B)');
    set('RECURSIVE = a');
    set('RECURSIVE += $(B)');
    set('NEW += $(B)');
    set('B = c');
    expect(expand('$(SIMPLE)/$(RECURSIVE)/$(NEW)')).toBe('a b/a c/c');
  });

  test('names can be made of others', () => {
    const { set, expand } = macros();
    set('X = Y');
    set('prefix-Y = found');
    expect(expand('$(prefix-$(X))')).toBe('found');
  });

  test('a variable that is not set comes from the environment, or is empty', () => {
    const { set, expand } = macros({ ARCH: 'mips', SET: 'outside' });
    set('SET = inside');
    expect(expand('$(ARCH)/$(SET)/$(UNKNOWN)/')).toBe('mips/inside//');
  });

  test('a dollar without a bracket means itself, or what it meant before Linux 4.18', () => {
    const { expand } = macros({ ARCH: 'mips' });
    expect(expand('$ARCH/$UNKNOWN/$/100$')).toBe('mips/$UNKNOWN/$/100$');
  });
});

describe('functions', () => {
  test('get their arguments, with commas only where they part them', () => {
    const { set, expand } = macros();
    set('swap = $(2) and $(1)');
    expect(expand('$(swap,a,b)')).toBe('b and a');
    expect(expand('$(swap,(a,b),c)')).toBe('c and (a,b)');
    expect(expand('$(swap, a ,b )')).toBe('b  and  a ');
  });

  test('an argument that was not given is nothing', () => {
    const { set, expand } = macros();
    set('two = [$(1)|$(2)]');
    expect(expand('$(two,a)')).toBe('[a|]');
  });

  test('can call one another, and arguments can be calls', () => {
    const { set, expand } = macros();
    set('outer = <$(inner,$(1))>');
    set('inner = [$(1)]');
    set('name = value');
    expect(expand('$(outer,$(inner,$(name)))')).toBe('<[[value]]>');
  });

  test('arguments are expanded before the call: a comma in them parts nothing', () => {
    const { set, expand } = macros();
    set('comma = ,');
    set('first = $(1)');
    expect(expand('$(first,a$(comma)b)')).toBe('a,b');
  });

  test('$(filename) and $(lineno)', () => {
    const { set, expand } = macros();
    set('here = $(filename):$(lineno)');
    expect(expand('$(here)')).toBe('drivers/Kconfig:12');
  });

  test('expand to nothing when they only print or stop conf', () => {
    const { expand } = macros();
    expect(expand('a$(info,text)b$(warning-if,y,text)c$(error-if,y,text)d')).toBe('abcd');
    expect(expand('a$(no-such-function,x)b')).toBe('ab');
  });
});

describe('$(shell)', () => {
  test('runs when it is needed, once for the same command', () => {
    const { set, expand, ran } = macros();
    set('LATE = $(shell,echo late)');
    set('AT_ONCE := $(shell,echo at once)');
    expect(ran).toEqual([]);
    expect(expand('$(LATE) $(LATE)')).toBe('late late');
    expect(expand('$(AT_ONCE)')).toBe('at once');
    expect(expand('$(shell,echo late)')).toBe('late');
    expect(ran).toEqual(['echo late', 'echo at once']);
  });

  test('gives its lines joined by blanks, without those at the end', () => {
    const { expand } = macros();
    expect(expand('[$(shell,echo a\\nb\\n\\n)]')).toBe('[a b]');
  });

  test('gives nothing when its command does not start', () => {
    const { expand } = macros();
    expect(expand('[$(shell,fails to start)]')).toBe('[]');
  });

  test('gets its command with macros expanded', () => {
    const { set, expand, ran } = macros({ CC: 'gcc' });
    set('if-success = $(shell,echo $(2) or $(3) by $(1))');
    set('success = $(if-success,$(1),y,n)');
    set('cc-option = $(success,$(CC) $(1))');
    expect(expand('$(cc-option,-mfoo)')).toBe('y or n by gcc -mfoo');
    expect(ran).toEqual(['echo y or n by gcc -mfoo']);
  });

  test('is detected in variables and functions that use it', () => {
    const { set, reader } = macros();
    set('if-success = $(shell,{ $(1); } && echo "$(2)" || echo "$(3)")');
    set('success = $(if-success,$(1),y,n)');
    set('cc-option = $(success,$(CC) $(1))');
    set('m32 := $(cc-option,-m32)');
    set('plain = -m32');
    expect(reader.needsShell('$(cc-option,-m32)')).toBe(true);
    expect(reader.needsShell('a $(m32) b')).toBe(true);
    expect(reader.needsShell('$(plain) $(lineno)')).toBe(false);
  });

  test('a simply expanded variable that waits for its command keeps what the others were', () => {
    const { set, expand } = macros();
    set('FLAG = old');
    set('A := $(shell,echo $(FLAG))');
    set('FLAG = new');
    expect(expand('$(A)')).toBe('old');
  });

  test('a waiting variable can be added to', () => {
    const { set, expand } = macros();
    set('A := $(shell,echo a)');
    set('A += b');
    expect(expand('$(A)')).toBe('a b');
  });
});

describe('a self-reference comes to an end', () => {
  test.each([
    ['a variable', ['X = $(X)'], '$(X)'],
    ['two variables', ['X = $(Y)', 'Y = $(X)'], '$(X)'],
    ['a function', ['x = $(1)$(x,$(1))'], '$(x,a)'],
    ['a function that grows', ['x = $(x,$(1)$(1))'], '$(x,a)'],
    ['a function that calls itself twice', ['x = $(x,$(1))$(x,$(1))'], '$(x,a)'],
    ['a name made of itself', ['X = $($(X))'], '$(X)'],
  ])('%s', (_name, lines, text) => {
    const { set, expand } = macros();
    for (const line of lines) set(line);
    expect(expand(text).length).toBeLessThan(1e6);
  });

  test('keeps the text around it', () => {
    const { set, expand } = macros();
    set('X = a$(X)b');
    expect(expand('$(X)')).toBe('ab');
  });

  test('a reference that is not closed, and brackets that are nested deeply', () => {
    const { expand } = macros({ A: 'a' });
    expect(() => expand('$(A')).not.toThrow();
    expect(() => expand(`${'$('.repeat(5_000)}A${')'.repeat(5_000)}`)).not.toThrow();
  });
});
