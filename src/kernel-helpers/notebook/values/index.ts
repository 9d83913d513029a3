import { addFormatter, addStandIn } from "../../../comms/host.js";
import { formatEvaluation } from "./evaluations.js";
import { figureOf } from "./figures.js";
import { formatTensor, formatTypedArray } from "./numbers.js";
import { formatPhoto } from "./photos.js";
import { formatPixels } from "./pixels.js";
import { formatResult } from "./results.js";
import { formatModel } from "./summary.js";
import { formatRows } from "./table.js";

export { type LayerSummary, type ModelSummary, summary } from "./summary.js";
export { type Table, type TableOptions, type TableRow, table } from "./table.js";

/** Has a cell's last expression, and `display`, show models, photos, pixels, results, evaluations, tensors, arrays, rows and figures as what they are. */
for (const formatter of [
  formatModel,
  formatPhoto,
  formatPixels,
  formatResult,
  formatEvaluation,
  formatTensor,
  formatTypedArray,
  formatRows,
])
  addFormatter(formatter);
addStandIn(figureOf);
