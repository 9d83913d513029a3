import { addFormatter } from "../../../comms/host.js";
import { formatEvaluation } from "./evaluations.js";
import { formatTensor, formatTypedArray } from "./numbers.js";
import { formatPhoto } from "./photos.js";
import { formatResult } from "./results.js";
import { formatModel } from "./summary.js";
import { formatRows } from "./table.js";

export { type LayerSummary, type ModelSummary, summary } from "./summary.js";
export { type Table, type TableOptions, type TableRow, table } from "./table.js";

/** Has a cell's last expression, and `display`, show models, photos, results, evaluations, tensors, arrays and rows as what they are. */
for (const formatter of [
  formatModel,
  formatPhoto,
  formatResult,
  formatEvaluation,
  formatTensor,
  formatTypedArray,
  formatRows,
])
  addFormatter(formatter);
