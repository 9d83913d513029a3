/**
 * Where the kernel meets a language. The kernel owns the sockets, the queue of requests, history, input and interrupts; an
 * interpreter knows what the code of a cell means. Neither sees more of the other than stands here.
 */
import type { Host, MimeBundle } from "../comms/host.js";
import type { DebugSupport } from "./debug-support.js";

/** Makes the interpreter of one kernel, once; what takes long to load may go on loading afterwards. */
export type StartInterpreter = (kernel: Kernel) => Interpreter;

export interface Interpreter {
  /** What `kernel_info_reply` says of the language. */
  readonly info: InterpreterInfo;
  /** Runs the code of one cell; the kernel never asks for the next before this one has ended. Throws what the cell throws. */
  execute(code: string, execution: Execution): Executed | Promise<Executed>;
  /** What may stand at `cursor`, an index into `code`. */
  complete?(code: string, cursor: number): Completion | Promise<Completion>;
  /** What is known about the name at `cursor`, an index into `code`; undefined when that is nothing. */
  inspect?(code: string, cursor: number): MimeBundle | undefined | Promise<MimeBundle | undefined>;
  /** Whether running `code` now makes sense, or more of it must follow. */
  isComplete?(code: string): Completeness | Promise<Completeness>;
  /** How an error that code run as `label` ended with is shown; without it, by name and message. */
  describe?(error: unknown, label: string): ErrorContent;
  /** What a debugger needs to know of its code; without it there is none. */
  readonly debug?: DebugSupport;
}

/** What a kernel offers to its interpreter: all of what cells may see of it, and the means to end what runs. */
export interface Kernel extends Omit<Host, "format" | "check" | "hold"> {
  /** The folder of the notebook. */
  readonly folder: string;
  /** Whether the request that the calling code works for comes of somebody who can be asked. */
  hasReader(): boolean;
  /** Asks the reader of the notebook for a line of text. */
  input(prompt?: string, options?: { password?: boolean }): Promise<string>;
  readonly interruption: Interruption;
}

export interface Interruption {
  /** Its first number is not 0 while something is to stop: for loops to look at, at every turn. */
  readonly flag: Int32Array;
  /** Throws `InterruptError` when the request that this code works for was interrupted, or whatever runs now. */
  check(): void;
  /** Runs `work` so that an interrupt ends even synchronous code that looks at no flag. */
  run<T>(work: () => T): T;
}

/** One piece of code being executed. */
export interface Execution {
  /** What the reader calls it: `Cell In[3]`. */
  readonly label: string;
  /** The front end's name for the cell (`metadata.cellId`), where it gives one; without `cell`, the code is none of the notebook's. */
  readonly cell?: { readonly id: string | undefined };
  readonly interrupted: boolean;
  /** The outcome of `value`, or `InterruptError`, whichever comes first. */
  wait<T>(value: T | PromiseLike<T>): T | Promise<T>;
}

export interface Executed {
  /** Absent when the code shows nothing. */
  result?: Shown | undefined;
  /** What the reader asked to read beside the notebook. */
  page?: MimeBundle;
}

/** A result as `execute_result` carries it. */
export interface Shown {
  data: MimeBundle;
  metadata: Record<string, never>;
}

export interface Completion {
  /** Each replaces the code from `start` to `end`. */
  matches: { text: string; kind: string }[];
  start: number;
  end: number;
}

export type Completeness = { status: "complete" | "invalid" } | { status: "incomplete"; indent: string };

/** Content of Jupyter's `error` message. */
export type ErrorContent = { ename: string; evalue: string; traceback: string[] };

/** The language's part of `kernel_info_reply`. */
export type InterpreterInfo = {
  implementation: string;
  implementation_version: string;
  banner: string;
  language_info: {
    name: string;
    version: string;
    mimetype: string;
    file_extension: string;
    pygments_lexer?: string;
    codemirror_mode?: string | { name: string; typescript: boolean };
    nbconvert_exporter?: string;
  };
  help_links?: { text: string; url: string }[];
};

/** What a cell ends with whose values have nearly used up the memory there is, where Node.js would end the process. */
export class OutOfMemoryError extends Error {
  override name = "OutOfMemoryError";
  /**
   * @param used Megabytes that JavaScript's values took.
   * @param limit Megabytes that they may take.
   */
  constructor(used: number, limit: number) {
    super(
      `The cell was stopped when JavaScript's values took ${used} of the ${limit} MB that they may: at the limit Node.js ends the kernel, with all ` +
        "variables. Let go of what is not needed (large = undefined), keep numbers in typed arrays or tensors, which do not count, or start Jupyter with " +
        `NODE_OPTIONS=--max-old-space-size=${2 * limit} to allow more`,
    );
  }
}

/** Thrown in a cell that the user stops. */
export class InterruptError extends Error {
  override name = "InterruptError";
  constructor() {
    super("The cell was interrupted; its variables keep the values they had");
  }
}
