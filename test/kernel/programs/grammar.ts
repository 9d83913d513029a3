/** Random programs whose statements may be cut into cells anywhere: names are declared once, and used after that only. */

export type Random = () => number;

/** Whole numbers below 2³², by seed (mulberry32), as fractions of 1. */
export function random(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Type = "number" | "string" | "list" | "object" | "function";

interface Name {
  readonly name: string;
  readonly type: Type;
  readonly fixed: boolean;
}

/** The statements of a program of about `length`, which puts what it computes into `out`. */
export function statements(next: Random, length: number): string[] {
  const names: Name[] = [];
  let count = 0;
  const below = (n: number): number => Math.floor(next() * n);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const fresh = (): string => `${pick(["a", "total", "größe", "$", "of", "type", "x_"])}${++count}`;
  const known = (type: Type, fixed = true): Name[] => names.filter((one) => one.type === type && (fixed || !one.fixed));
  const declare = (type: Type, fixed = false): string => {
    const name = fresh();
    names.push({ name, type, fixed });
    return name;
  };

  function number(depth = 0): string {
    const leaf = () => pick([String(below(10)), ...known("number").map(({ name }) => name)]);
    if (depth > 2) return leaf();
    const inner = () => number(depth + 1);
    return pick<() => string>([
      leaf,
      leaf,
      () => `(${inner()} ${pick(["+", "-", "*", "%", "&", "|", "^"])} ${inner()})`,
      () => `(${text(depth + 1)}).length`,
      () => `(${inner()} > ${inner()} ? ${inner()} : ${inner()})`,
      () => `(${list(depth + 1)}).reduce((sum, one) => sum + one, ${inner()})`,
      () => `((${record(depth + 1)}).a ?? ${inner()})`,
      () => `((given: number, ...rest: number[]) => given + rest.length)(${inner()}, ...${list(depth + 1)})`,
      () => `(() => { const { a, ...others } = ${record(depth + 1)}; return a + Object.keys(others).length })()`,
      ...known("function").map(
        ({ name }) =>
          () =>
            `${name}(${inner()})`,
      ),
    ])();
  }
  function text(depth = 0): string {
    const leaf = () => pick(['"ab"', "`c`", "'ü'", ...known("string").map(({ name }) => name)]);
    if (depth > 2) return leaf();
    return pick<() => string>([
      leaf,
      () => `\`\${${number(depth + 1)}}-\${${text(depth + 1)}}\``,
      () => `(${text(depth + 1)}).slice(0, 4).toUpperCase()`,
      () => `String(${number(depth + 1)})`,
      () => `(${record(depth + 1)}).b`,
    ])();
  }
  function list(depth = 0): string {
    const leaf = () => pick(["[1, 2]", ...known("list").map(({ name }) => name)]);
    if (depth > 2) return leaf();
    return pick<() => string>([
      leaf,
      () => `[${number(depth + 1)}, ...${list(depth + 1)}].slice(0, 5)`,
      () => `${list(depth + 1)}.map((one, i) => one * i).slice(0, 5)`,
      () => `[...(function* () { yield ${number(depth + 1)}; yield* ${list(depth + 1)} })()].slice(0, 5)`,
      () => `[...new Set(${list(depth + 1)})]`,
    ])();
  }
  function record(depth = 0): string {
    const leaf = () => pick(['{ a: 1, b: "q" }', ...known("object").map(({ name }) => name)]);
    if (depth > 2) return `(${leaf()})`;
    return pick<() => string>([
      () => `(${leaf()})`,
      () => `({ ...${record(depth + 1)}, a: ${number(depth + 1)} })`,
      () => `({ get a() { return ${number(depth + 1)} }, b: ${text(depth + 1)} })`,
    ])();
  }
  const expression = (type: Type): string =>
    type === "number" ? number() : type === "string" ? text() : type === "list" ? list() : record();
  const value = (): Type => pick<Type>(["number", "number", "string", "list", "object"]);

  function declaration(): string {
    const type = value();
    const given = expression(type);
    const kind = pick(["let", "const", "var"]);
    return `${kind} ${declare(type, kind === "const")} = ${given};`;
  }
  function func(): string {
    const body = `${number()} + n`;
    const form = below(4);
    const mutable = known("number", false);
    const effect = mutable.length > 0 && next() < 0.5 ? `${pick(mutable).name}++; ` : "";
    const constant = number();
    const name = declare("function", true);
    if (form === 0) return `function ${name}(n: number): number { ${effect}return ${body} }`;
    if (form === 1) return `const ${name} = (n: number): number => { ${effect}return ${body} };`;
    if (form === 2)
      return `const ${name} = function (n: number): number { let i = 0; while (i < n % 3) i++; return ${body} + i };`;
    return `class C${name} { static k = ${constant}; #own = 1; run(n: number): number { return ${body} + C${name}.k + this.#own } }\nconst ${name} = (n: number): number => new C${name}().run(n);`;
  }
  function change(): string {
    const numbers = known("number", false);
    if (numbers.length === 0) return declaration();
    const { name } = pick(numbers);
    const lists = known("list");
    return pick<() => string>([
      () => `${name} ${pick(["=", "+=", "-=", "|=", "??="])} ${number()};`,
      () => `${name}++;`,
      () => `for (let i = 0; i < 3; i++) ${name} += i * ${number()};`,
      () => `for (const one of ${list()}) { if (one > 5) continue; ${name} += one; }`,
      () => `for (var ${declare("number")} = 0; ${names.at(-1)!.name} < 3; ${names.at(-1)!.name}++) ${name}++;`,
      () =>
        `try { if (${number()} > 3) throw new RangeError("r"); ${name} = 1 } catch (error) { ${name} += (error as Error).message.length } finally { ${name} -= 2 }`,
      () =>
        `switch (${number()} & 3) { case 0: ${name} = 7; case 1: ${name}++; break; default: { let inner = ${name}; ${name} = inner * 2 } }`,
      () => `outer: for (let i = 0; i < 3; i++) { for (;;) { if (i === 1) continue outer; ${name} += i; break } }`,
      () => `${name} = await Promise.resolve(${number()});`,
      () => `for await (const one of [${number()}, Promise.resolve(2)]) ${name} += one;`,
      () => `[${name}, ${pick(numbers).name}] = [${number()}, ${number()}];`,
      () => `({ a: ${name} } = ${record()} as { a: number });`,
      () => `{ let ${name} = ${below(9)}; out.push(${name}); }`,
      () => (lists.length > 0 ? `${pick(lists).name}.push(${number()});` : `${name}--;`),
    ])();
  }
  function pattern(): string {
    const given = list();
    const whole = record();
    return next() < 0.5
      ? `let [${declare("number")} = 3, ...${declare("list")}] = ${given};`
      : `const { a: ${declare("number", true)}, b: ${declare("string", true)} = "d" } = ${whole};`;
  }
  const other = (): string => {
    const at = ++count;
    const first = number();
    names.push({ name: `(E${at}.B as number)`, type: "number", fixed: true });
    return next() < 0.5
      ? `enum E${at} { A = ${below(5)}, B, C = "c".length }`
      : `namespace E${at} { export const B = ${first}; }`;
  };

  const all = ["const out: unknown[] = [];"];
  while (all.length < length) {
    const kind = next();
    if (kind < 0.28) all.push(declaration());
    else if (kind < 0.43) all.push(func());
    else if (kind < 0.68) all.push(change());
    else if (kind < 0.76) all.push(pattern());
    else if (kind < 0.82) all.push(other());
    else all.push(`out.push(${expression(value())});`);
  }
  const ends = names.filter(({ type }) => type !== "function").map(({ name }) => name);
  return [...all, `out.push([${ends.join(", ")}]);`];
}

/** The statements in cells, cut at random. */
export function cells(all: readonly string[], next: Random): string[] {
  const found: string[][] = [[]];
  for (const statement of all) {
    if (next() < 0.4 && found.at(-1)!.length > 0) found.push([]);
    found.at(-1)!.push(statement);
  }
  return found.map((lines) => lines.join("\n"));
}
