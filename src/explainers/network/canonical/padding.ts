import type { OperationOf, Padding } from "../operations/index.js";
import { isUnit, isUnpadded } from "../operations/parts/window.js";
import { isRearrange } from "../operations/rearrange.js";
import { type DraftGraph, onlyReader, readersOf, redirect } from "./draft.js";

/** SpaceToBatch → convolution → BatchToSpace is a dilated convolution; converters write it so. */
export function joinSpaceToBatch(graph: DraftGraph): void {
  const readers = readersOf(graph);
  for (const node of readers.keys()) {
    if (!isRearrange(node.operation, "SpaceToBatchND")) continue;
    const convolution = onlyReader(readers, node);
    if (convolution?.operation.kind !== "conv2d" && convolution?.operation.kind !== "depthwise") continue;
    const back = onlyReader(readers, convolution);
    if (back === undefined || !isRearrange(back.operation, "BatchToSpaceND")) continue;
    const { window } = convolution.operation;
    const { blockShape, paddings } = node.operation.attributes as { blockShape: number[]; paddings: number[][] };
    const { crops } = back.operation.attributes as { crops: number[][] };
    const padding = [0, 1].map((axis) =>
      [0, 1].map((end) => paddings[axis]![end]! - crops[axis]![end]!),
    ) as unknown as Padding;
    const plain = isUnit(window.strides) && isUnit(window.dilations) && isUnpadded(window.padding);
    if (!plain || blockShape.length !== 2 || padding.flat().some((entry) => entry < 0)) continue;
    convolution.operation = {
      ...convolution.operation,
      window: { ...window, dilations: [blockShape[0]!, blockShape[1]!], padding },
    };
    convolution.inputs = node.inputs;
    redirect(graph, readers, back, convolution);
    convolution.absorb(back);
  }
}

/** Zero padding in front of a convolution becomes the convolution's own. */
export function mergePadding(graph: DraftGraph): void {
  const readers = readersOf(graph);
  for (const pad of readers.keys()) {
    if (!isRearrange(pad.operation, "PadV2") || pad.operation.attributes["constantValue"] !== 0) continue;
    const paddings = pad.operation.attributes["paddings"] as [number, number][];
    if (paddings.length !== 4 || [...paddings[0]!, ...paddings[3]!].some((entry) => entry !== 0)) continue;
    const users = readers.get(pad)!;
    if (!users.every((user) => user?.operation.kind === "conv2d" || user?.operation.kind === "depthwise")) continue;
    for (const user of new Set(users)) {
      const operation = user!.operation as OperationOf<"conv2d" | "depthwise">;
      const [rows, columns] = operation.window.padding;
      const padding: Padding = [
        [rows[0] + paddings[1]![0], rows[1] + paddings[1]![1]],
        [columns[0] + paddings[2]![0], columns[1] + paddings[2]![1]],
      ];
      user!.operation = { ...operation, window: { ...operation.window, padding } };
      user!.inputs = [...pad.inputs];
    }
  }
}
