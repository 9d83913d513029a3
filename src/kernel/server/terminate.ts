import { Session } from "node:inspector";
import { log } from "../log.js";

/** Worker thread: tells the engine of the main thread to end what it runs. A session that stayed open would hold up the process's exit. */
export function terminateMainThread(): void {
  const engine = new Session();
  engine.connectToMainThread();
  engine.post("Runtime.terminateExecution", (error) => {
    if (error) log(`the running code could not be ended: ${error.message}`);
    engine.disconnect();
  });
}
