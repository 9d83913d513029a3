import type { Tensor } from "@tensorflow/tfjs-core";
import type { KernelRecord, Trace } from "../capture/record.js";
import { kinds, type Operation } from "../operations/index.js";
import type { Attributes, Constants } from "../operations/parts/attributes.js";
import type { Call, Made, Translator } from "../operations/parts/call.js";
import { oneRow } from "../operations/parts/with-constant.js";
import { isConditionKernel, type Unknown } from "../operations/unknown.js";
import { contractions } from "./contractions.js";
import { Draft } from "./draft.js";

/** The translators of a kernel, in the order of the kinds; after them what becomes several operations. */
const translators = new Map<string, Translator[]>();
for (const translate of [...kinds.map(({ translate }) => translate), contractions]) {
  for (const [kernel, translator] of Object.entries<Translator>(translate)) {
    translators.set(kernel, [...(translators.get(kernel) ?? []), translator]);
  }
}

/** Kernels whose outputs depend on the shape of what they are given, not on its values. */
const shapeOnly: ReadonlySet<string> = new Set(["ZerosLike", "OnesLike"]);

/**
 * The nodes of a kernel's outputs, in their order. A kernel nothing is known about becomes an `unknown` node.
 *
 * @param draft the node of a value; `undefined` where the value is the same for every input
 * @returns `undefined` where the kernel's outputs are
 */
export function translate(
  record: KernelRecord,
  trace: Trace,
  draft: (value: number) => Draft | undefined,
): Draft[] | undefined {
  const call = new RecordedCall(record, trace, draft);
  if (call.inputs.length === 0 || shapeOnly.has(record.kernel)) return undefined;
  for (const translator of translators.get(record.kernel) ?? []) {
    const made = translator(call);
    if (made !== undefined) return made as Draft[];
  }
  return unknownNodes(call);
}

const unknownNodes = (call: RecordedCall): Draft[] =>
  call.outputs.map((_, output) => {
    const { kernel, attributes, inputNames } = call;
    const constants = isConditionKernel(kernel) ? inOneRow(call) : call.constants;
    return call.make<Unknown>(
      { kind: "unknown", kernel, attributes, arguments: inputNames, constants, output },
      call.inputs,
      output,
    );
  });

/** Constants that were made for the traced batch serve any, where a comparison broadcasts them. */
const inOneRow = ({ constants, outputs }: Call): Constants =>
  Object.fromEntries(Object.entries(constants).map(([name, constant]) => [name, oneRow(constant, outputs[0]!)]));

class RecordedCall implements Call {
  readonly inputs: readonly Draft[];
  readonly inputNames: readonly string[];
  readonly constants: Constants;
  readonly outputs: readonly Tensor[];

  constructor(
    private readonly record: KernelRecord,
    private readonly trace: Trace,
    draft: (value: number) => Draft | undefined,
  ) {
    const computed: [string, Draft][] = [];
    const constants: Record<string, Tensor> = {};
    for (const [name, argument] of Object.entries(record.arguments)) {
      const made = "value" in argument ? draft(argument.value) : undefined;
      if (made !== undefined) computed.push([name, made]);
      else constants[name] = "value" in argument ? trace.values[argument.value]! : argument.constant;
    }
    this.inputNames = computed.map(([name]) => name);
    this.inputs = computed.map(([, made]) => made);
    this.constants = constants;
    this.outputs = record.outputs.map((value) => trace.values[value]!);
  }

  get kernel(): string {
    return this.record.kernel;
  }

  get attributes(): Attributes {
    return this.record.attributes;
  }

  get batch(): number {
    return this.trace.values[this.trace.inputs[0]!]!.shape[0] ?? 1;
  }

  input(name: string): Draft | undefined {
    return this.inputs[this.inputNames.indexOf(name)];
  }

  constant(name: string): Tensor | undefined {
    return this.constants[name];
  }

  make<O extends { readonly kind: string }>(operation: O, inputs: readonly Made[] = this.inputs, output = 0): Draft {
    const value = this.outputs[output]!;
    return this.#draft(operation, inputs, value.shape, value);
  }

  intermediate<O extends { readonly kind: string }>(
    operation: O,
    inputs: readonly Made[],
    shape: readonly number[],
  ): Draft {
    return this.#draft(operation, inputs, shape);
  }

  // The one place where what a kind made of a kernel is taken for an operation in the list of kinds.
  #draft(operation: { readonly kind: string }, inputs: readonly Made[], shape: readonly number[], value?: Tensor) {
    const name = this.record.name || this.record.kernel;
    return new Draft(operation as Operation, [...inputs] as Draft[], name, shape, value);
  }
}
