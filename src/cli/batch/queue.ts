import { QueueError } from "../../runs/errors.js";

/** The queue's address, by the option or the environment; worker processes need not know it. @throws QueueError */
export function queueOf(option: string | undefined): string {
  const address = option ?? process.env["LIMPID_QUEUE"];
  delete process.env["LIMPID_QUEUE"];
  if (address !== undefined) return address;
  throw new QueueError("There is no queue: give --queue redis://…, or set LIMPID_QUEUE");
}
