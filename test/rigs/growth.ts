/**
 * Fails when eight times the work costs more than 32 times the processor time: it is 8 times as much where the cost grows
 * as the work does, and 64 times where it grows as its square. Not the clock is asked but the processor's time, which
 * is much the same however busy the machine is.
 */
export async function expectLinear(work: (count: number) => unknown, count: number): Promise<void> {
  // The first run is that of cold code.
  await costOf(work, count);
  const small = Math.min(await costOf(work, count), await costOf(work, count));
  const large = Math.min(await costOf(work, 8 * count), await costOf(work, 8 * count));
  const times = large / Math.max(small, LEAST_MICROSECONDS);
  if (times > 32) throw new Error(`8 times the work costs ${times.toFixed(1)} times as much`);
}

/** A shorter run measures the garbage collector more than the work. */
const LEAST_MICROSECONDS = 5_000;

/** Microseconds of processor time. */
async function costOf(work: (count: number) => unknown, count: number): Promise<number> {
  const before = process.cpuUsage();
  await work(count);
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
