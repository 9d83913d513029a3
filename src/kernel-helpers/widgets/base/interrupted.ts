import { currentHost } from "../../../comms/host.js";

/** Whether the kernel was interrupted since the cell or message began that the calling code works for. False outside a kernel. */
export function isInterrupted(): boolean {
  try {
    currentHost()?.check();
    return false;
  } catch {
    return true;
  }
}
