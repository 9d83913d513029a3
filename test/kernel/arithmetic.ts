/** The kernel with another language than TypeScript: `name = sum` and `sum`, of numbers and names, with `+` and `-`. */
import { type Interpreter, InterruptError } from "../../src/kernel/interpreter.js";
import { startKernel } from "../../src/kernel/kernel.js";

function arithmetic(): Interpreter {
  const variables = new Map<string, number>();

  function termValue(term: string): number {
    const value = variables.get(term) ?? Number(term);
    if (term === "" || Number.isNaN(value)) throw new ReferenceError(`"${term}" is neither a number nor a name`);
    return value;
  }
  const sum = (text: string): number =>
    text.split("+").reduce((total, part) => {
      const [first, ...taken] = part.split("-").map((term) => termValue(term.trim()));
      return total + taken.reduce((left, right) => left - right, first as number);
    }, 0);

  return {
    info: {
      implementation: "arithmetic",
      implementation_version: "1.0",
      banner: "Sums",
      language_info: { name: "arithmetic", version: "1.0", mimetype: "text/plain", file_extension: ".sum" },
    },
    async execute(code, execution) {
      if (code === "wait") await execution.wait(new Promise(() => {}));
      if (code === "spin") for (;;) if (execution.interrupted) throw new InterruptError();
      const [, name, text] = /^(?:\s*(\w+)\s*=)?(.*)$/.exec(code) as unknown as [string, string | undefined, string];
      const value = sum(text);
      if (name === undefined) return { result: { data: { "text/plain": String(value) }, metadata: {} } };
      variables.set(name, value);
      return {};
    },
    complete: (code, cursor) => ({
      matches: [...variables.keys()].map((text) => ({ text, kind: "variable" })),
      start: code.slice(0, cursor).search(/\w*$/),
      end: cursor,
    }),
    isComplete: (code) => (/[-+=]\s*$/.test(code) ? { status: "incomplete", indent: "" } : { status: "complete" }),
  };
}

startKernel(process.argv[2] as string, arithmetic);
