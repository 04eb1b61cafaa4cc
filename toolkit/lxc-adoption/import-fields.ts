import { CAPABILITIES } from '../base/linux-names.ts';
import { conceptOf } from '../lxc-keys/concept-keys.ts';
import {
  definitionFields,
  type DefinitionField,
  type FieldContext,
} from '../lxc-config/definition-fields.ts';
import type { DraftDefinition } from './draft-definition.ts';
import type { Setting } from '../lxc-config/read-settings.ts';
import type { KeepRaw } from './import-mounts.ts';

/** The prefix of LXC for configurations that do not name one: Debian's, and lxc-kit's default. */
const PREFIX = '/usr';

/** Imports settings that correspond to one part of the definition, the reverse of `fieldLines`. Returns the others. */
export function importFields(
  settings: readonly Setting[],
  draft: DraftDefinition,
  keepRaw: KeepRaw,
  lxcVersion: string | undefined,
): Setting[] {
  const context: FieldContext = { prefix: PREFIX, lxcVersion };
  const rest: Setting[] = [];
  const byField = new Map<DefinitionField, Setting[]>();
  for (const setting of settings) {
    const concept = conceptOf(setting.row);
    const field = definitionFields.find((one) => one.concept === concept);
    if (concept === undefined || field === undefined) rest.push(setting);
    else byField.set(field, [...(byField.get(field) ?? []), setting]);
  }
  for (const field of definitionFields) {
    const own = byField.get(field);
    if (own !== undefined) importField(field, own, draft, keepRaw, context);
  }
  return rest;
}

function importField(
  field: DefinitionField,
  settings: readonly Setting[],
  draft: DraftDefinition,
  keepRaw: KeepRaw,
  context: FieldContext,
): void {
  const { path, shape, codec, needs } = field;
  if (needs !== undefined && draft.partsAt(needs).every(({ value }) => value !== true)) {
    for (const setting of settings)
      keepRaw(setting, `in a definition it belongs to ${needs.join('.')}, which is off`);
    return;
  }
  const last = settings.at(-1);
  if (last === undefined) return;
  switch (shape) {
    case 'one': {
      const value = codec.read(last.value, context);
      if (value === undefined) keepRaw(last, 'a definition cannot express this value');
      else draft.set(path, value, [last]);
      return;
    }
    case 'words':
      draft.set(path, wordsOf(settings), settings);
      return;
    case 'lines':
      for (const setting of settings) {
        const texts = setting.row.type === 'words' ? setting.value.split(/\s+/) : [setting.value];
        for (const text of texts) draft.add(path, codec.read(text, context), [setting]);
      }
      return;
    case 'family':
      for (const setting of settings) {
        const member = memberOf(setting);
        if (member === '') keepRaw(setting, 'it clears the earlier settings');
        else draft.set([...path, member], setting.value, [setting]);
      }
      return;
    case 'variables':
      for (const setting of settings) {
        const [, name = '', value] = /^([^=]*)=(.*)$/.exec(setting.value) ?? [];
        if (value === undefined) keepRaw(setting, 'it has no value, and LXC takes the value from its caller');
        else draft.set([...path, name], value, [setting]);
      }
  }
}

/** Returns the last part of the key of a family: `nofile` of lxc.prlimit.nofile. */
function memberOf({ row, key }: Setting): string {
  return key.slice(row.key.indexOf('<'));
}

/** Returns the words of all lines; `none` clears the list, and capabilities may be numbers. */
function wordsOf(settings: readonly Setting[]): string[] {
  let words: string[] = [];
  for (const { row, value } of settings) {
    const isCapability = row.key.startsWith('lxc.cap.');
    for (const word of value.split(/\s+/)) {
      if (isCapability && word === 'none') words = [];
      else words.push(isCapability ? (CAPABILITIES[Number(word)] ?? word) : word);
    }
  }
  return [...new Set(words)];
}
