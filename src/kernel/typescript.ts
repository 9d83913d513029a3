/** TypeScript as the kernel's language: joins the compiler (`language`) and what a running cell sees (`runtime`). */
import { createRequire } from "node:module";
import { type Interpreter, type InterpreterInfo, InterruptError, type Kernel } from "./interpreter.js";
import { CompileError, describeCompileError } from "./language/compile/compile-error.js";
import { show } from "./runtime/display.js";
import { installEnvironment } from "./runtime/environment.js";
import { held, showLasting } from "./runtime/lasting.js";
import { modules } from "./runtime/modules.js";
import { runner } from "./runtime/run.js";
import { describeError } from "./runtime/traceback.js";
import { connectTslab } from "./runtime/tslab.js";

/** Some turns of the event loop, in milliseconds. */
const LOADING_PAUSE = 5;

/** `name?` or `?name` alone in a cell asks what the name is. */
const HELP = /^\s*(?:\?\s*([\p{L}\p{N}_$.]+)|([\p{L}\p{N}_$.]+)\s*\?)\s*$/u;

export function typescript(kernel: Kernel): Interpreter {
  const { folder, interruption } = kernel;
  const works = held();
  installEnvironment(kernel, works);
  const loaded = modules(folder, (specifier, require) => connectTslab(specifier, require, kernel.display));
  const run = runner(folder, loaded, interruption);

  /** The compiler; loading it takes a second or two, so the first cell may wait for it. */
  const language = import("./language/language.js").then(async ({ language }) => {
    // In that second nothing else happens: what has arrived is answered in between, an interrupted cell too.
    await new Promise((resolve) => setTimeout(resolve, LOADING_PAUSE));
    return language(folder);
  });

  return {
    info: information(),
    async execute(code, execution) {
      const { compile, inspect } = await execution.wait(language);
      const [, before, behind] = HELP.exec(code) ?? [];
      const asked = before ?? behind;
      if (asked !== undefined) {
        return { page: inspect(asked, asked.length) ?? { "text/plain": `Nothing is known about ${asked}` } };
      }
      const cell = compile(code);
      if (execution.interrupted) {
        cell.withdraw();
        throw new InterruptError();
      }
      const { failure, result, isCompleted } = await run(cell, code, execution);
      if (failure) {
        cell.keepCompleted(isCompleted);
        await Promise.all(works.take());
        throw failure.error;
      }
      const isShown = result && (await execution.wait(showLasting(result.value, kernel.display, works)));
      const shown = result && !isShown ? await execution.wait(show(result.value)) : undefined;
      const last = Promise.all(works.take());
      // A cell that was interrupted and goes on has its end all the same.
      await (execution.interrupted ? last : execution.wait(last));
      return { result: shown };
    },
    complete: async (code, cursor) => (await language).complete(code, cursor),
    inspect: async (code, cursor) => (await language).inspect(code, cursor),
    isComplete: async (code) => (await language).completeness(code),
    describe: (error, label) =>
      error instanceof CompileError ? describeCompileError(error, label) : describeError(error),
  };
}

/** Reads two small files and loads nothing, so the kernel answers at once. */
function information(): InterpreterInfo {
  const require = createRequire(import.meta.url);
  const version = (name: string): string => (require(`${name}/package.json`) as { version: string }).version;
  const own = version("limpid");
  const compiler = version("typescript");
  return {
    implementation: "limpid",
    implementation_version: own,
    banner: `Limpid ${own}: TypeScript ${compiler} on Node.js ${process.versions.node}`,
    language_info: {
      name: "typescript",
      version: compiler,
      mimetype: "text/typescript",
      file_extension: ".ts",
      pygments_lexer: "typescript",
      codemirror_mode: { name: "javascript", typescript: true },
      nbconvert_exporter: "script",
    },
    help_links: [
      { text: "TypeScript", url: "https://www.typescriptlang.org/docs/" },
      { text: "TensorFlow.js", url: "https://js.tensorflow.org/api/latest/" },
      { text: "Node.js", url: "https://nodejs.org/api/" },
    ],
  };
}
