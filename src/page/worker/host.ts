import { type Host, type MimeBundle, provideHost } from "../../comms/host.js";
import { CommManager } from "../../comms/manager.js";
import type { JsonObject } from "../../comms/message.js";
import { defaultBundle } from "../../kernel/shown.js";
import { inspect } from "../../kernel-helpers/platform/inspect.js";
import type { FromWorker, ToWorker } from "../protocol.js";
import type { Interruption } from "./interruption.js";
import { printTo } from "./printing.js";

type CommFromPage = Extract<ToWorker, { type: "comm" }>;

export type Post = (message: FromWorker, transfer?: Transferable[]) => void;

export interface PageHost {
  readonly host: Host;
  /**
   * Where what is displayed and printed goes: the cell that runs; while a widget's message is handled, the cell that made the widget; else
   * the cell that ran last.
   */
  readonly cell: number;
  /** A cell runs from here on, until `end`. */
  begin(cell: number): void;
  end(): void;
  /** Handles a message of the page, and says when it has been dealt with. */
  receive(message: CommFromPage): void;
  /** Work that the running cell must not end before, and none any more. */
  takeHeld(): Promise<unknown>[];
}

/** Makes this worker a kernel for the helpers that cells import: comms and outputs go to the page. */
export function pageHost(post: Post, interruption: Interruption, report: (error: unknown) => void): PageHost {
  /** The message that is being handled; what an asynchronous handler sends later belongs to none. */
  let parent: JsonObject = {};
  let held: Promise<unknown>[] = [];
  let cell = 0;
  let ranLast = 0;
  let running = false;
  /** Messages whose handlers have not ended. */
  let handling = 0;
  /** By comm, the cell that opened it. */
  const owners = new Map<string, number>();
  const comms = new CommManager(
    {
      send(message, content, metadata, views) {
        const buffers = views.map(
          (view) => new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength),
        );
        const id = String(content["comm_id"]);
        if (message === "comm_open") owners.set(id, cell);
        else if (message === "comm_close") owners.delete(id);
        // The comm manager has copied them for us.
        const transfer = [...new Set(buffers.map(({ buffer }) => buffer))];
        post({ type: "comm", message, content, metadata, buffers, parent }, transfer);
      },
    },
    report,
  );
  const self: PageHost = {
    get cell() {
      return cell;
    },
    begin(number) {
      cell = number;
      ranLast = number;
      running = true;
    },
    end() {
      comms.flush();
      running = false;
    },
    host: {
      comms,
      display: (bundle: MimeBundle, options = {}) => post({ type: "display", cell, bundle: plain(bundle), options }),
      clearOutput: (wait = false) => post({ type: "clear", cell, wait }),
      format: (value) => defaultBundle(value, inspect),
      // A worker hears nothing before its code lets go.
      poll: () => 0,
      hold: (work) => void held.push(work),
      captureConsole: printTo,
      check: interruption.check,
      // Cells run again here by themselves: the page's reader answers when he reads.
      hasReader: () => false,
      keepsOutputs: false,
    },
    receive({ message: type, content, metadata, buffers, header }) {
      parent = header;
      handling += 1;
      cell = owners.get(String(content["comm_id"])) ?? ranLast;
      const views = buffers.map(({ buffer, byteOffset, byteLength }) => new DataView(buffer, byteOffset, byteLength));
      const done = comms.handle({ type, content, metadata, buffers: views, header });
      parent = {};
      // Of what an asynchronous handler does later no one can tell whose it is, where a cell runs meanwhile.
      if (running) cell = ranLast;
      const idle = () => {
        handling -= 1;
        if (handling === 0) cell = ranLast;
        post({ type: "idle", header });
      };
      if (done) void done.then(idle);
      else idle();
    },
    takeHeld() {
      const taken = held;
      held = [];
      return taken;
    },
  };
  provideHost(self.host);
  return self;
}

/** MIME bundles are JSON; what else a value puts into one would not pass to another thread. */
export const plain = (bundle: MimeBundle): MimeBundle => JSON.parse(JSON.stringify(bundle)) as MimeBundle;
