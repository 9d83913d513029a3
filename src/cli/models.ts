import type { Command } from "commander";
import { formatCount } from "../comms/format.js";
import { builtInModels, type LoadedModel, loadModel } from "../kernel-helpers/models/index.js";
import type { Action } from "./action.js";
import { table } from "./table.js";

/** `limpid models [MODEL…]`: what the built-in models, or those at the given paths, take and give. */
export function registerModels(program: Command, run: (action: Action) => void): void {
  program
    .command("models")
    .description("list the built-in models, or describe the given ones")
    .argument("[model...]", "name, path or URL of a model")
    .option("--json", "print one JSON object a line")
    .action((names: string[], options: { json?: boolean }) => {
      run(async () => {
        const rows = [];
        for (const name of names.length > 0 ? names : builtInModels) {
          const model = await loadModel(name);
          rows.push(describe(model));
          model.dispose();
        }
        if (options.json) for (const row of rows) console.log(JSON.stringify(row));
        else {
          const cells = rows.map((row) => [
            row.name,
            row.input.map((size) => size ?? "any").join(" × "),
            row.output,
            row.classes === undefined ? "" : `${row.classes} named`,
            formatCount(row.weights),
          ]);
          console.log(table([["model", "input", "output", "classes", "weights"], ...cells]));
        }
        return 0;
      });
    });
}

interface Description {
  name: string;
  input: (number | null)[];
  output: string;
  classes: number | undefined;
  weights: number;
}

function describe({ name, input, output, classNames, net }: LoadedModel): Description {
  const tensors =
    typeof net === "function"
      ? []
      : "countParams" in net
        ? net.weights.map((weight) => weight.shape)
        : Object.values(net.weights).flatMap((list) => list.map((tensor) => tensor.shape));
  const weights = tensors.reduce((sum, shape) => sum + shape.reduce((size: number, side) => size * (side ?? 1), 1), 0);
  return { name, input: input.shape, output, classes: classNames?.length, weights };
}
