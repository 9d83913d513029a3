import { createHmac, timingSafeEqual } from "node:crypto";
import type { JsonObject } from "../../comms/message.js";
import type { WireMessage } from "./link.js";

export const PROTOCOL_VERSION = "5.3";

/** The four JSON frames, already serialized, in wire order. */
export type JsonFrames = [header: string, parentHeader: string, metadata: string, content: string];

/** A message that is not what the Jupyter protocol says; it is dropped, the kernel goes on. */
class WireError extends Error {
  override name = "WireError";
}

/** JSON that nests deeper overflows the stack of what handles it next, and ends the process there. */
const DEPTH = 500;
/** How many signatures are remembered. */
const REMEMBERED = 1 << 14;
const DELIMITER = Buffer.from("<IDS|MSG>");

/** Encodes and decodes messages signed with `key`; an empty key means unsigned, as the protocol has it. */
export function wireFormat(key: string, scheme: string) {
  /** Signatures that came, the latest last: a message that comes again is not its sender's. */
  const seen = new Set<string>();
  const algorithm = scheme.replace(/^hmac-/, "");

  function sign(frames: readonly (string | Uint8Array)[]): string {
    if (key === "") return "";
    const hmac = createHmac(algorithm, key);
    for (const frame of frames) hmac.update(frame);
    return hmac.digest("hex");
  }

  function encode(identities: Uint8Array[], json: JsonFrames, buffers: Uint8Array[]): (string | Uint8Array)[] {
    return [...identities, DELIMITER, sign(json), ...json, ...buffers];
  }

  function decode(frames: Uint8Array[]): WireMessage {
    const at = frames.findIndex((frame) => DELIMITER.equals(frame));
    if (at < 0) throw new WireError("message without the delimiter <IDS|MSG>");
    const [signature, ...rest] = frames.slice(at + 1);
    const json = rest.slice(0, 4);
    if (signature === undefined || json.length < 4) {
      throw new WireError(`message of ${frames.length} frames: signature and four JSON frames expected`);
    }
    const expected = Buffer.from(sign(json));
    if (key !== "" && (signature.length !== expected.length || !timingSafeEqual(signature, expected))) {
      throw new WireError("wrong HMAC signature: the sender does not hold this kernel's key");
    }
    if (key !== "") {
      const digest = expected.toString("latin1");
      if (seen.has(digest)) throw new WireError("a message with this signature has come before; it is not taken again");
      seen.add(digest);
      if (seen.size > REMEMBERED) seen.delete(seen.values().next().value as string);
    }
    const [header, parentHeader, metadata, content] = json.map(parseObject) as [
      JsonObject,
      JsonObject,
      JsonObject,
      JsonObject,
    ];
    if (typeof header["msg_type"] !== "string" || typeof header["msg_id"] !== "string") {
      throw new WireError("message header without msg_type or msg_id");
    }
    return { identities: frames.slice(0, at), header, parentHeader, metadata, content, buffers: rest.slice(4) };
  }

  return { encode, decode };
}

export function makeHeader(type: string, session: string): JsonObject {
  return {
    msg_id: crypto.randomUUID(),
    msg_type: type,
    session,
    username: "limpid",
    date: new Date().toISOString(),
    version: PROTOCOL_VERSION,
  };
}

function parseObject(frame: Uint8Array): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(frame).toString("utf8"));
  } catch (error) {
    throw new WireError(`a JSON frame cannot be parsed: ${(error as Error).message}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new WireError("a JSON frame is not an object");
  }
  if (isDeeper(value, DEPTH)) throw new WireError(`a JSON frame nests objects and lists deeper than ${DEPTH} levels`);
  return value as JsonObject;
}

/** True when containers nest in each other more than `limit` times. Walks level by level, with no stack to overflow. */
function isDeeper(value: unknown, limit: number): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    const next: unknown[] = [];
    for (const container of level) {
      for (const inner of Object.values(container as object)) {
        if (typeof inner === "object" && inner !== null) next.push(inner);
      }
    }
    level = next;
  }
  return false;
}
