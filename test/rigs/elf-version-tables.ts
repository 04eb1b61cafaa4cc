/** Numbers one behind the other, in a byte order. */
export function integers(size: 2 | 4, values: readonly number[], little: boolean): Buffer {
  const bytes = Buffer.alloc(size * values.length);
  values.forEach((value, index) => {
    if (little) bytes.writeUIntLE(value, index * size, size);
    else bytes.writeUIntBE(value, index * size, size);
  });
  return bytes;
}

/** The name of a version without the mark of a weak one. */
export function withoutMark(version: string): string {
  return version.replace(/\?$/, '');
}

/** Elf32_Verneed and its Elf32_Vernaux; Linux Standard Base Core, "Symbol Versioning". */
export function versionNeeds(
  needed: readonly (readonly [library: string, versions: readonly string[]])[],
  strings: { offset(text: string): number },
  little: boolean,
): Buffer {
  let index = 1;
  return Buffer.concat(
    needed.flatMap(([library, versions], at) => [
      integers(2, [1, versions.length], little),
      integers(
        4,
        [strings.offset(library), 16, at === needed.length - 1 ? 0 : 16 + versions.length * 16],
        little,
      ),
      ...versions.flatMap((version, i) => [
        integers(4, [elfHash(withoutMark(version))], little),
        integers(2, [version.endsWith('?') ? 2 : 0, ++index], little),
        integers(4, [strings.offset(withoutMark(version)), i === versions.length - 1 ? 0 : 16], little),
      ]),
    ]),
  );
}

/** Elf32_Verdef, each with one Elf32_Verdaux; the first names the library itself. */
export function versionDefinitions(
  names: readonly string[],
  strings: { offset(text: string): number },
  little: boolean,
): Buffer {
  return Buffer.concat(
    names.flatMap((name, i) => [
      integers(2, [1, i === 0 ? 1 : 0, i + 1, 1], little),
      integers(4, [elfHash(name), 20, i === names.length - 1 ? 0 : 28, strings.offset(name), 0], little),
    ]),
  );
}

/** The hash of System V ABI, "Hash Table". */
function elfHash(name: string): number {
  let hash = 0;
  for (const byte of Buffer.from(name)) {
    hash = (hash * 16 + byte) % 2 ** 32;
    const high = (hash & 0xf000_0000) >>> 0;
    hash = ((hash ^ (high >>> 24)) & ~high) >>> 0;
  }
  return hash;
}
