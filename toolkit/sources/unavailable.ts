/**
 * A candidate that cannot be had; `message` says why, to a person.
 * Another candidate may do, so this is no KitError yet: see `resolveSource`.
 */
export class Unavailable extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'Unavailable';
  }
}
