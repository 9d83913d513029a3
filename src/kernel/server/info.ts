import type { JsonObject } from "../../comms/message.js";
import { PROTOCOL_VERSION } from "./wire.js";

/** Content of `kernel_info_reply` of a kernel whose language says `info` of itself, and can be debugged or not. */
export function kernelInfo(info: JsonObject, isDebugged: boolean): JsonObject {
  const features = isDebugged ? ["debugger"] : [];
  return {
    status: "ok",
    protocol_version: PROTOCOL_VERSION,
    debugger: isDebugged,
    supported_features: features,
    ...info,
  };
}
