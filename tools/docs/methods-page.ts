import { defaultOf } from "../../src/cli/methods.js";
import { composites, type Family, families, type Method, methods } from "../../src/explainers/index.js";

const cell = (text: string): string => text.replaceAll("|", "\\|");

const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;

function tableOf(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(heading), row(heading.map(() => "---")), ...rows.map(row)].join("\n");
}

/** `docs/methods.md`, written from the list of methods (`npm run docs`). */
export function methodsPage(): string {
  const used = (Object.keys(families) as Family[]).filter((family) =>
    methods.some((method) => method.family === family),
  );
  const parts = [
    "# Which method answers which question?",
    "<!-- Written from src/explainers/methods.ts by `npm run docs`: change the methods instead. -->",
    "Every method is called alike, in a notebook or on a command line, with one target or one per sample of a batch:",
    [
      "```ts",
      'const explain = integratedGradients(model, { steps: 32, baseline: "blurred" });',
      'const { relevance, shape, output } = await explain(photo, { target: "top1" });',
      "```",
    ].join("\n"),
    [
      "```sh",
      "limpid explain chelsea.png --method integrated-gradients --param steps=32 --param baseline=blurred --out heatmap.png",
      "limpid methods integrated-gradients   # its parameters",
      "```",
    ].join("\n"),
    "Methods whose values have no sign say how much, not for or against.",
    tableOf(
      ["question", "method", "explains", "sign"],
      methods.map(({ question, name, id, inputs, signed }) => [
        question,
        `[${name}](#${id})`,
        inputs.join(", "),
        signed ? "for and against" : "none",
      ]),
    ),
  ];
  for (const family of used) {
    parts.push(`## ${families[family].title}`, families[family].about);
    for (const method of methods.filter((one) => one.family === family)) parts.push(section(method));
  }
  return `${parts.join("\n\n")}\n`;
}

const values = {
  entries: "A value for every entry of the input.",
  positions: "A value for every position of the input.",
  units: "A value for every unit of the layer.",
};

export function section({ id, name, question, reference, result, parameters }: Method): string {
  const parts = [`<a id="${id}"></a>`, `### ${name}`, `\`${id}\`. ${question} ${values[result]} ${reference}.`];
  const rows = Object.entries(parameters).map(([key, parameter]) => [
    `\`${key}\``,
    defaultOf(parameter),
    parameter.unit ?? "",
    parameter.range,
    parameter.description,
  ]);
  if (rows.length > 0) parts.push(tableOf(["parameter", "default", "unit", "must be", "what it does"], rows));
  if (id === "lrp") {
    parts.push(
      "The composites:",
      tableOf(
        ["composite", "rules", "what it is good for", "parameters (defaults)", "source"],
        composites.map((entry) => [
          `\`${entry.id}\``,
          entry.rules,
          entry.description,
          Object.entries(entry.parameters)
            .map(([key, parameter]) => `${key} (${defaultOf(parameter)})`)
            .join(", "),
          entry.reference,
        ]),
      ),
    );
  }
  return parts.join("\n\n");
}
