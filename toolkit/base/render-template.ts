/**
 * Renders a handlebars template. A missing value is an error, and nothing is escaped:
 * handlebars would turn `=` and `"` of an LXC configuration into HTML.
 */
export async function renderTemplate(
  source: string,
  values: Readonly<Record<string, unknown>>,
  name = 'of a configuration',
): Promise<string> {
  const { default: Handlebars } = await import('handlebars');
  try {
    return Handlebars.compile(source, { noEscape: true, strict: true })(values);
  } catch (error) {
    throw new Error(
      `the template ${name} cannot be rendered: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}
