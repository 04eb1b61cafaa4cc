/** Scheme, user name and password, the rest up to the query, and the query, which may be a token. */
const URL_PARTS = /\b([a-z][a-z0-9+.-]*:\/\/)([^\s/?#]*@)?([^\s?#'"]*)(\?[^\s'"]*)?/gi;

/** Removes user name, password and query from every URL in a text. */
export function redactUrls(text: string): string {
  if (!text.includes('://')) return text;
  return text.replace(
    URL_PARTS,
    (_all, scheme: string, _login: string | undefined, rest: string, query?: string) =>
      `${scheme}${rest}${query === undefined ? '' : '?…'}`,
  );
}

/** The same with a star for each character, so that columns stay aligned with a squiggle below the line. */
export function starUrls(text: string): string {
  if (!text.includes('://')) return text;
  return text.replace(
    URL_PARTS,
    (_all, scheme: string, login: string | undefined, rest: string, query?: string) => {
      const stars = (part: string | undefined, kept: number): string =>
        part === undefined ? '' : '*'.repeat(part.length - kept);
      const end = query === undefined ? '' : `?${stars(query, 1)}`;
      return `${scheme}${stars(login, 1)}${login === undefined ? '' : '@'}${rest}${end}`;
    },
  );
}
