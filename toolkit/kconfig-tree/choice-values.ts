import type { ConfDialect } from './conf-dialects.ts';
import { higher, highest, lower, type Expression, type Tristate } from './expression.ts';
import type { Choice, KconfigSymbol, MenuNode, Prompt } from './menu-tree.ts';

/** What deciding a choice takes from the symbols around it. */
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

  /** The member that is y. */
  member(choice: Choice): KconfigSymbol | undefined {
    return this.#state(choice).member;
  }

  #state(choice: Choice): { tristate: Tristate; member: KconfigSymbol | undefined } {
    const known = this.#known.get(choice);
    if (known !== undefined) return known;
    // Members are asked for their visibility while this is computed; conf shows them the same.
    const state: { tristate: Tristate; member: KconfigSymbol | undefined } = {
      tristate: 0,
      member: undefined,
    };
    this.#known.set(choice, state);
    const visible = highest(choice.prompts, (prompt) => this.#around.prompt(prompt));
    const bool = choice.type === 'bool' || this.#around.modules() === 0;
    const asked = highest(choice.members, (member) => this.#around.asked(member) ?? 0);
    let value = lower(asked, visible);
    if (!choice.optional) value = higher(value, lower(visible, 1));
    state.tristate = value === 1 && bool ? 2 : value;
    if (state.tristate === 2) state.member = this.#chosen(choice);
    return state;
  }

  #chosen(choice: Choice): KconfigSymbol | undefined {
    const { requested, dialect } = this.#options;
    const visible = choice.members.filter((member) => this.#around.visibility(member) > 0);
    const asked = [...requested.keys()].reverse();
    const rank = (member: KconfigSymbol): number => asked.indexOf(member.name);
    const wanted = visible.filter((member) => requested.get(member.name) === 'y');
    const [best] = wanted.sort((a, b) => rank(a) - rank(b));
    if (best !== undefined) return best;
    const byDefault = this.#default(choice, visible);
    if (dialect.choices === 'last') return byDefault;
    const refused = (member: KconfigSymbol): boolean => requested.get(member.name) === 'n';
    if (byDefault !== undefined && !refused(byDefault)) return byDefault;
    return visible.find((member) => !refused(member)) ?? visible.at(-1);
  }

  #default(choice: Choice, visible: readonly KconfigSymbol[]): KconfigSymbol | undefined {
    for (const { value, node, condition } of choice.defaults) {
      if (lower(this.#around.node(node), this.#around.condition(condition)) === 0) continue;
      if (value.kind === 'symbol' && visible.includes(value.symbol)) return value.symbol;
    }
    return visible[0];
  }
}
