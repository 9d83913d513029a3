import { currentHost } from "../../comms/host.js";
import { type Follower, followRunsBy } from "../../explainers/progress.js";
import { progress } from "./progress.js";

/** Milliseconds that a method may take in a cell before a bar appears. */
const LONG = 3000;

const bar: Follower = (title, run, work) => {
  const { signal } = run;
  // A signal of another kind can be asked, but tells nobody when it is aborted.
  if (signal !== undefined && (!(signal instanceof AbortSignal) || signal.aborted)) return work(run);
  return progress(
    title,
    ({ report, signal: stopped }) =>
      work({
        signal: stopped,
        onProgress({ done, total }) {
          try {
            report(done / total);
          } catch (error) {
            // The method itself says how far it was.
            if (!stopped.aborted) throw error;
          }
        },
      }),
    { after: LONG, ...(signal && { signal }) },
  );
};

// In a notebook, methods that take long show how far they are and can be stopped, unless the cell follows them itself.
if (currentHost()) followRunsBy(bar);
