/**
 * Thrown for a candidate that is not available; `message` says why, for people.
 * Another candidate may work, so this is not a KitError yet: see `resolveSource`.
 */
export class Unavailable extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'Unavailable';
  }
}
