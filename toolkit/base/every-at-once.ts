/**
 * `Array.every` for an asynchronous test, with a limit of tests at once. After the first false or the first error,
 * which it throws, it starts no more; those that were started have ended when it returns.
 */
export async function everyAtOnce<T>(
  items: readonly T[],
  most: number,
  test: (item: T) => Promise<boolean>,
): Promise<boolean> {
  const rest = items.values();
  let every = true;
  const work = async (): Promise<void> => {
    for (const item of rest) {
      if (!every) return;
      try {
        if (!(await test(item))) every = false;
      } catch (error) {
        every = false;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: most }, work));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  return every;
}
