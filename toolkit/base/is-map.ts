/** Whether a value of JSON or YAML is a mapping: an object, and no list. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
