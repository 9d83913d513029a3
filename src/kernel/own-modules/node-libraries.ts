/** Which of JavaScript's own library the Node.js that runs has, and which version has the rest. */
import { dirname, join } from "node:path";
import ts from "#typescript";

interface Newer {
  /** TypeScript's name of a part of the language's library that is newer than the kernel's target. */
  readonly lib: string;
  /** Tells whether the Node.js that runs has it. */
  present(): boolean;
  /** The first release of Node.js with it that is supported for long. */
  readonly since: number;
}

const has = (holder: object, name: string) => () => name in holder;

/** Versions are those of the engine: Node.js 20 has V8 11.3, 22 has 12.4, 24 has 13.6. */
export const NEWER: readonly Newer[] = [
  { lib: "es2024.string", present: has(String.prototype, "isWellFormed"), since: 20 },
  { lib: "es2024.arraybuffer", present: has(ArrayBuffer.prototype, "transfer"), since: 22 },
  { lib: "es2024.object", present: has(Object, "groupBy"), since: 22 },
  { lib: "es2024.collection", present: has(Map, "groupBy"), since: 22 },
  { lib: "es2024.promise", present: has(Promise, "withResolvers"), since: 22 },
  { lib: "es2024.sharedmemory", present: has(Atomics, "waitAsync"), since: 20 },
  { lib: "es2025.collection", present: has(Set.prototype, "union"), since: 22 },
  { lib: "es2025.iterator", present: has(globalThis, "Iterator"), since: 22 },
  { lib: "es2025.promise", present: has(Promise, "try"), since: 24 },
  { lib: "es2025.regexp", present: has(RegExp, "escape"), since: 24 },
  { lib: "es2025.float16", present: has(globalThis, "Float16Array"), since: 24 },
  { lib: "es2025.intl", present: has(Intl, "DurationFormat"), since: 24 },
  { lib: "esnext.array", present: has(Array, "fromAsync"), since: 22 },
  { lib: "esnext.error", present: has(Error, "isError"), since: 24 },
  { lib: "esnext.sharedmemory", present: has(Atomics, "pause"), since: 24 },
  { lib: "esnext.typedarrays", present: has(Uint8Array.prototype, "toBase64"), since: 26 },
  { lib: "esnext.disposable", present: () => true, since: 20 },
];

const fileOf = (lib: string): string => `lib.${lib}.d.ts`;

/** The library of the language, as the compiler names its files, that the Node.js that runs has. */
export const libraries = (): string[] => [
  fileOf("es2023"),
  ...NEWER.filter(({ present }) => present()).map(({ lib }) => fileOf(lib)),
];

/** The first version of Node.js that has what is called `name`, where the one that runs has not; undefined where it is in none, or in this one. */
export function sinceNode(name: string): number | undefined {
  const folder = dirname(ts.getDefaultLibFilePath({}));
  if (!/^\w+$/.test(name)) return undefined;
  const declares = new RegExp(`^\\s*(declare (var|function) )?${name}[(<:]`, "m");
  return NEWER.find(({ lib, present }) => !present() && declares.test(ts.sys.readFile(join(folder, fileOf(lib))) ?? ""))
    ?.since;
}
