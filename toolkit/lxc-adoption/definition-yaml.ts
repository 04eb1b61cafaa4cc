import { Document, isMap, type Node, visit } from 'yaml';

/** Longer lists and mappings are written as blocks. */
const MAX_FLOW_CHARACTERS = 100;

/** Writes a container definition as a person would: short lists and mappings in one line. */
export function definitionYaml(definition: Readonly<Record<string, unknown>>): string {
  const document = new Document(definition);
  visit(document, {
    Collection: (_key, node, path) => {
      if (path.length === 1) return undefined;
      // The entries of a list of mappings get a line each.
      if (node.items.some((item) => isMap(item)) || !isShort(node)) return undefined;
      node.flow = true;
      return visit.SKIP;
    },
  });
  // A processor list or an ID is a string here, and YAML 1.1 would read some of them as numbers in base 60.
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value === 'string' && /^[\d:,._-]+$/.test(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ lineWidth: 0 });
}

function isShort(node: Node): boolean {
  return JSON.stringify(node.toJSON()).length <= MAX_FLOW_CHARACTERS;
}
