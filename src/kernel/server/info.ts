import type { JsonObject } from "../../comms/message.js";
import { PROTOCOL_VERSION } from "./wire.js";

/** Content of `kernel_info_reply` of a kernel whose language says `info` of itself. */
export function kernelInfo(info: JsonObject): JsonObject {
  return { status: "ok", protocol_version: PROTOCOL_VERSION, debugger: false, supported_features: [], ...info };
}
