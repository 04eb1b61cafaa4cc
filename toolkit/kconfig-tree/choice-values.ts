import type { ConfDialect } from './conf-dialects.ts';
import { higher, highest, lower, type Tristate } from './expression.ts';
import type { Expression } from './menu-tree.ts';
import type { Choice, KconfigSymbol, MenuNode, Prompt } from './menu-tree.ts';

/** The facts about other symbols that decide a choice. */
interface Surroundings {
  readonly modules: () => Tristate;
  readonly node: (node: MenuNode) => Tristate;
  readonly condition: (condition: Expression | undefined) => Tristate;
  readonly prompt: (prompt: Prompt) => Tristate;
  readonly visibility: (symbol: KconfigSymbol) => Tristate;
  readonly asked: (symbol: KconfigSymbol) => Tristate | undefined;
}

interface Options {
  readonly requested: ReadonlyMap<string, string>;
  readonly unset: 'n' | 'default';
  readonly dialect: ConfDialect;
}

/** The values of choices: y with one member, m with any of them, or n (`sym_calc_choice` of scripts/kconfig/symbol.c). */
export class ChoiceValues {
  readonly #options: Options;
  readonly #around: Surroundings;
  readonly #known = new Map<Choice, { tristate: Tristate; member: KconfigSymbol | undefined }>();

  constructor(options: Options, around: Surroundings) {
    this.#options = options;
    this.#around = around;
  }

  tristate(choice: Choice | undefined): Tristate {
    return choice === undefined ? 0 : this.#state(choice).tristate;
  }

  /** Returns the member that is y. */
  member(choice: Choice): KconfigSymbol | undefined {
    return this.#state(choice).member;
  }

  #state(choice: Choice): { tristate: Tristate; member: KconfigSymbol | undefined } {
    const known = this.#known.get(choice);
    if (known !== undefined) return known;
    const state: { tristate: Tristate; member: KconfigSymbol | undefined } = {
      tristate: 0,
      member: undefined,
    };
    if (this.#options.dialect.choices === 'ranked') {
      state.member = this.#chosen(choice);
      if (state.member !== undefined) state.tristate = 2;
      this.#known.set(choice, state);
      return state;
    }
    // Members are asked for their visibility while this is computed; conf shows them the same state.
    this.#known.set(choice, state);
    if (choice.type === 'unknown') return state;
    const visible = highest(choice.prompts, (prompt) => this.#around.prompt(prompt));
    const bool = choice.type === 'bool' || this.#around.modules() === 0;
    let value = lower(this.#asked(choice), visible);
    if (!choice.optional) {
      // With two prompts in one definition, only the last one makes the choice exist (`menu_finalize`, "parent->prompt").
      const last = choice.prompts.filter(({ node }, at) => choice.prompts[at + 1]?.node !== node);
      value = higher(
        value,
        lower(
          highest(last, (prompt) => this.#around.prompt(prompt)),
          1,
        ),
      );
    }
    state.tristate = value === 1 && bool ? 2 : value;
    if (state.tristate === 2) state.member = this.#chosen(choice);
    return state;
  }

  /** Returns the highest value that is requested for a member. */
  #asked(choice: Choice): Tristate {
    const { requested, unset } = this.#options;
    const asked = choice.members.flatMap((member) => {
      const value = this.#around.asked(member);
      return value === undefined ? [] : [{ value, at: [...requested.keys()].indexOf(member.name) }];
    });
    const all = highest(asked, ({ value }) => value);
    // conf_read_simple of scripts/kconfig/confdata.c treats an m behind a y as an inconsistent state and drops it.
    const y = asked.filter(({ value }) => value === 2).map(({ at }) => at);
    const inconsistent = asked.some(({ value, at }) => value === 1 && at > Math.min(...y));
    return inconsistent && unset === 'n' ? 0 : all;
  }

  #chosen(choice: Choice): KconfigSymbol | undefined {
    const { requested, dialect } = this.#options;
    const visible = choice.members.filter((member) => this.#around.visibility(member) > 0);
    const asked = [...requested.keys()].reverse();
    const rank = (member: KconfigSymbol): number => asked.indexOf(member.name);
    const wanted = choice.members.filter((member) => requested.get(member.name) === 'y');
    const ranked = wanted.sort((a, b) => rank(a) - rank(b));
    // An older conf keeps only the last of two requested members, and drops both when that one is not visible.
    const heard = dialect.choices === 'last' ? ranked.slice(0, 1) : ranked;
    const best = heard.find((member) => visible.includes(member));
    if (best !== undefined) return best;
    const byDefault = this.#default(choice, visible);
    if (dialect.choices === 'last') return byDefault;
    const refused = (member: KconfigSymbol): boolean => requested.get(member.name) === 'n';
    if (byDefault !== undefined && !refused(byDefault)) return byDefault;
    // When all are refused, the one refused first is taken.
    const refusals = [...visible].sort((a, b) => rank(b) - rank(a));
    return visible.find((member) => !refused(member)) ?? refusals[0];
  }

  #default(choice: Choice, visible: readonly KconfigSymbol[]): KconfigSymbol | undefined {
    for (const { value, node, condition } of choice.defaults) {
      if (lower(this.#around.node(node), this.#around.condition(condition)) === 0) continue;
      if (value.kind === 'symbol' && visible.includes(value.symbol)) return value.symbol;
    }
    return visible[0];
  }
}
