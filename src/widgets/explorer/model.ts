import {
  type ExplorerEvents,
  type ExplorerReply,
  type ExplorerState,
  type explorerSettings,
  explorerState,
} from "../../comms/states/explorer.js";
import { modelOf, type Shown } from "../parts/model.js";

/** Calls back with what the kernel answers, and its bytes. */
export type OnReply = (reply: ExplorerReply, bytes: Uint8Array<ArrayBuffer>) => void;

export class ExplorerModel extends modelOf("Explorer", explorerState) {
  /** Changes settings and asks the kernel for the explanation that they make. */
  ask(change: Partial<Pick<ExplorerState, (typeof explorerSettings)[number]>>): void {
    this.choose({ ...change, request: this.trait("request") + 1 });
  }

  /** Of the parameters those that become others; the count of requests is nobody's setting. */
  protected override written(change: Partial<Shown<ExplorerState>>): readonly string[] {
    const { request, parameters, ...rest } = change;
    if (parameters === undefined) return Object.keys(rest);
    const now = this.trait("parameters");
    const names = Object.keys({ ...now, ...parameters });
    const others = names.filter((name) => JSON.stringify(parameters[name]) !== JSON.stringify(now[name]));
    return [...Object.keys(rest), ...others.map((name) => `parameters.${name}`)];
  }

  /** Whether the kernel has still to answer. */
  get pending(): boolean {
    return this.comm_live && this.trait("request") !== this.trait("answered");
  }

  /** Has the kernel give up what it computes; the last explanation stays. */
  stop(): void {
    this.tell("stop", {});
  }

  /** Sends an event to the kernel, with a file where it has one. */
  tell<Name extends keyof ExplorerEvents>(event: Name, content: ExplorerEvents[Name], ...files: ArrayBuffer[]): void {
    this.send({ ...content, event }, undefined, files);
  }

  /** Hears what the kernel answers; returns what undoes it. */
  hear(onReply: OnReply): () => void {
    const hear = (reply: ExplorerReply, buffers: DataView[] = []) => {
      const [view] = buffers;
      const bytes = view
        ? new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength)
        : new Uint8Array();
      onReply(reply, bytes);
    };
    this.on("msg:custom", hear);
    return () => this.off("msg:custom", hear);
  }
}
