/** TypeScript as the kernel's language: joins the compiler (`language`) and what a running cell sees (`runtime`). */
import { createRequire } from "node:module";
import { completionsAt } from "../comms/host.js";
import { notebookRecorder } from "../comms/recording.js";
import { boxesIn } from "./cell.js";
import type { DebugSupport } from "./debug-support.js";
import {
  type Executed,
  type Execution,
  type Interpreter,
  type InterpreterInfo,
  InterruptError,
  type Kernel,
} from "./interpreter.js";
import { CompileError, describeCompileError } from "./language/compile/compile-error.js";
import type { Language } from "./language/language.js";
import type { OwnModules } from "./own-modules/own-modules.js";
import { debugVariables } from "./runtime/debug.js";
import { defaultBundle, show } from "./runtime/display.js";
import { installEnvironment } from "./runtime/environment.js";
import { held, showLasting } from "./runtime/lasting.js";
import { membersOf } from "./runtime/members.js";
import { modules } from "./runtime/modules.js";
import { runner } from "./runtime/run.js";
import { followOwnModules, scriptOf } from "./runtime/stack.js";
import { describeError } from "./runtime/traceback.js";
import { connectTslab } from "./runtime/tslab.js";

/** Some turns of the event loop, in milliseconds. */
const LOADING_PAUSE = 5;
/** How long no cell must have run before the compiler reads ahead, in milliseconds. */
const REST = 1000;

export function typescript(kernel: Kernel): Interpreter {
  const { folder, interruption } = kernel;
  const works = held();
  installEnvironment(kernel, works);
  /** Known once the compiler is, without which no cell runs. */
  let own: OwnModules | undefined;
  const ofNotebook = () => own!;
  const loaded = modules(folder, ofNotebook, (specifier, require) => connectTslab(specifier, require, kernel.display));
  const { run, valuesOf, boxes, box } = runner(folder, loaded, interruption);

  /** The compiler; loading it takes a second or two, so the first cell may wait for it. */
  const language = import("./language/language.js").then(async ({ language }) => {
    // In that second nothing else happens: what has arrived is answered in between, an interrupted cell too.
    await new Promise((resolve) => setTimeout(resolve, LOADING_PAUSE));
    own = (await import("./own-modules/own-modules.js")).ownModules(folder);
    followOwnModules(own.sourceOf);
    return language(folder);
  });

  let resting: NodeJS.Timeout | undefined;
  /** Lets the compiler read what later cells are likely to need, part by part, while nothing runs. */
  function rest(pause = REST): void {
    clearTimeout(resting);
    resting = setTimeout(async () => {
      if ((await language).readAhead()) rest(LOADING_PAUSE);
    }, pause).unref();
  }
  void language.then(() => rest());

  /** The same, once it is there: a debugger that asks earlier has no cell to ask about. */
  let compiler: Language | undefined;
  void language.then((loaded) => {
    compiler = loaded;
  });

  const variables = debugVariables(boxes, box);
  const debug: DebugSupport = {
    ...variables,
    script: scriptOf,
    assign(name, value) {
      // Cells know what a cell has declared.
      if (!boxes.has(name)) compiler?.compile(`let ${name}: any;`);
      variables.assign(name, value);
    },
    javascript: (code) => compiler?.debug.javascript(code) ?? code,
    show: defaultBundle,
    caught: (code) => compiler?.debug.caught(code) ?? [],
  };

  /** Runs one cell and notes what of it a recorder is told. */
  async function execute(code: string, execution: Execution, noted: NotedCell): Promise<Executed> {
    const { askedName, compile, inspect } = await execution.wait(language);
    const asked = askedName(code);
    if (asked !== undefined) {
      return { page: inspect(asked, asked.length) ?? { "text/plain": `Nothing is known about ${asked}` } };
    }
    const cell = compile(code, () => execution.interrupted);
    if (execution.interrupted) {
      cell.withdraw();
      throw new InterruptError();
    }
    const warning = cell.warning?.(execution.label);
    if (warning !== undefined) console.warn(warning);
    noted.code = cell.code;
    const { failure, result, isCompleted } = await run(cell, code, execution);
    if (failure) {
      cell.keepCompleted(isCompleted);
      await Promise.all(works.take());
      throw failure.error;
    }
    if (result) noted.result = [result.value];
    const isShown =
      result && (await execution.wait(interruption.run(() => showLasting(result.value, kernel.display, works))));
    const shown = result && !isShown ? await execution.wait(interruption.run(() => show(result.value))) : undefined;
    const last = Promise.all(works.take());
    // A cell that was interrupted and goes on has its end all the same.
    await (execution.interrupted ? last : execution.wait(last));
    return { result: shown };
  }

  /** The same, told to whoever records the notebook. */
  async function recorded(code: string, execution: Execution): Promise<Executed> {
    const noted: NotedCell = { code: "", result: [] };
    const started = performance.now();
    let failed = true;
    clearTimeout(resting);
    try {
      const executed = await execute(code, execution, noted);
      failed = false;
      return executed;
    } finally {
      const milliseconds = performance.now() - started;
      rest();
      const recorder = execution.cell && notebookRecorder();
      if (recorder) {
        const names = [...new Set(boxesIn(noted.code))];
        const variables = new Map(names.flatMap((name) => valuesOf(name).map((value) => [name, value] as const)));
        await recorder.cellEnded({ source: code, ...noted, id: execution.cell?.id, failed, milliseconds, variables });
      }
    }
  }

  return {
    info: information(),
    execute: recorded,
    complete: async (code, cursor) =>
      (await language).complete(code, cursor, {
        namesAt: ({ property, beside }) =>
          completionsAt({ property, beside: beside.flatMap(valuesOf), all: valuesOf() }),
        membersOf: (chain) => membersOf(chain, valuesOf),
      }),
    inspect: async (code, cursor) => (await language).inspect(code, cursor),
    isComplete: async (code) => (await language).completeness(code),
    describe: (error, label) =>
      error instanceof CompileError ? describeCompileError(error, label) : describeError(error),
    debug,
  };
}

/** What a cell leaves for a recorder, beside its variables. */
interface NotedCell {
  code: string;
  result: readonly unknown[];
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
