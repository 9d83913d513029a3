import type { MimeBundle } from "../../comms/host.js";

type WriteDisplayData = (message: { data: MimeBundle; transient: { display_id?: string } }, update?: boolean) => void;

/** Lets `display` of the tslab package, once a cell has loaded it, write to this kernel's front end. */
export function connectTslab(
  specifier: string,
  require: NodeJS.Require,
  display: (bundle: MimeBundle, options: { displayId?: string; update?: boolean }) => void,
): void {
  if (specifier !== "tslab") return;
  // The module variable through which tslab's own kernel hands itself to its `display`.
  const tslab = require("tslab/dist/jupyter.js") as { lastWriteDisplayData: WriteDisplayData };
  tslab.lastWriteDisplayData = ({ data, transient }, update = false) =>
    display(data, { update, ...(transient.display_id !== undefined && { displayId: transient.display_id }) });
}
