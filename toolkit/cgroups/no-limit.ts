/** The word of a definition, and of a board's defaults, for no limit. */
export const NO_LIMIT = 'none';
