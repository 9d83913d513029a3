import type { Graph, Node, Recording } from "../../network/index.js";
import type { CellKind, GateName } from "./cell.js";
import type { CellLayer } from "./cell-layer.js";

/** One step of a cell as it stands in a graph: which nodes hold what. */
interface RecordedStep {
  readonly kind: Exclude<CellKind, "SimpleRNN">;
  /** The node of its memory. */
  readonly state: number;
  /** The node of the memory before it; `undefined` where it starts from a constant. */
  readonly before: number | undefined;
  /** Nodes of gates; one that a first step does not need is missing. */
  readonly gates: Readonly<Partial<Record<GateName, number>>>;
}

const GATES: Readonly<Record<RecordedStep["kind"], readonly GateName[]>> = {
  LSTM: ["input", "forget", "output"],
  GRU: ["update", "reset"],
};

/**
 * The LSTM and GRU cells of a model of which only operations are known, where its steps are written out one after the other: an LSTM's
 * `f ∘ c + i ∘ g(…)` and a GRU's `z ∘ h + (1 − z) ∘ g(…)`, each reading the one before it.
 *
 * @param isBackward whether a node of a first step depends on the end of the input
 */
export function recordedCells(recording: Recording, isBackward: (node: number) => boolean): CellLayer[] {
  const { graph } = recording;
  const steps = recordedSteps(graph);
  return chains(steps).map((chain, index) => {
    const [first] = chain as [RecordedStep];
    const { shape } = graph.nodes[first.state]!;
    const units = shape.at(-1)!;
    const count = recording.value(first.state).size / units;
    const backward = isBackward(first.state);
    const length = chain.length;
    const read = (node: (step: RecordedStep) => number | undefined): Float32Array => {
      const values = new Float32Array(count * length * units).fill(0.5);
      chain.forEach((step, at) => {
        const id = node(step);
        if (id === undefined) return;
        const own = recording.value(id).dataSync<"float32">();
        const time = backward ? length - 1 - at : at;
        for (let sequence = 0; sequence < count; sequence++) {
          values.set(own.subarray(sequence * units, (sequence + 1) * units), (sequence * length + time) * units);
        }
      });
      return values;
    };
    return {
      layer: nameOf(graph, chain) || `${first.kind} ${index + 1}`,
      kind: first.kind,
      cells: units,
      sequences: count,
      steps: length,
      reads: backward ? "backward" : "forward",
      states: read(({ state }) => state),
      gates: Object.fromEntries(GATES[first.kind].map((gate) => [gate, read(({ gates }) => gates[gate])])),
    };
  });
}

/** What the names of the steps' nodes have in common, up to a slash. */
function nameOf({ nodes }: Graph, chain: readonly RecordedStep[]): string {
  const names = chain.map(({ state }) => nodes[state]!.name);
  let common = names[0]!;
  for (const name of names) while (!name.startsWith(common)) common = common.slice(0, -1);
  return names.every((name) => name === common) && chain.length > 1 && !/^[A-Z][A-Za-z0-9]*$/.test(common)
    ? common
    : common.slice(0, Math.max(0, common.lastIndexOf("/")));
}

function recordedSteps(graph: Graph): RecordedStep[] {
  const { nodes } = graph;
  const found = new Map<number, RecordedStep>();
  for (const node of nodes) {
    if (node.operation.kind !== "sum" || node.inputs.length !== 2) continue;
    for (const [kept, fresh] of [node.inputs, [...node.inputs].reverse()] as [number, number][]) {
      const step = lstmStep(graph, node, kept, fresh) ?? gruStep(graph, node, kept, fresh);
      if (step !== undefined) found.set(node.id, step);
    }
  }
  // A first step from zeros may have nothing to add to.
  for (const { kind, before } of [...found.values()]) {
    if (before === undefined || found.has(before)) continue;
    const parts = factors(nodes, before);
    if (parts === undefined) continue;
    const [gate, candidate] = parts;
    if (kind === "LSTM") {
      const output = outputGate(graph, before);
      found.set(before, {
        kind,
        state: before,
        before: undefined,
        gates: { input: gate, ...(output !== undefined && { output }) },
      });
    } else {
      const update = complementOf(nodes, gate);
      if (update !== undefined && candidate !== undefined) {
        found.set(before, { kind, state: before, before: undefined, gates: { update } });
      }
    }
  }
  return [...found.values()];
}

const functionOf = (node: Node | undefined): string | undefined =>
  node?.operation.kind === "activation" ? node.operation.function : undefined;

/** Whether a node's values are shares, from 0 to 1. */
const isGate = (node: Node | undefined): boolean => {
  if (node?.operation.kind !== "activation") return false;
  const { function: name, bounds } = node.operation;
  return name === "sigmoid" || (name === "clip" && bounds?.[0] === 0 && bounds[1] === 1);
};

const isSquash = (node: Node | undefined): boolean => functionOf(node) !== undefined && !isGate(node);

/** A product of a gate, or of what is left of one, and a squashed candidate: in that order. */
function factors(nodes: readonly Node[], id: number): [gate: number, candidate: number] | undefined {
  const { operation, inputs } = nodes[id]!;
  if (operation.kind !== "product" || inputs.length !== 2) return undefined;
  const candidate = inputs.find((input) => isSquash(nodes[input]));
  const gate = inputs.find((input) => input !== candidate);
  return candidate === undefined || gate === undefined ? undefined : [gate, candidate];
}

/** What a gate keeps: the gate, and the memory before it, or none where that is a constant. */
function keptBy(nodes: readonly Node[], id: number): { gate: number; before: number | undefined } | undefined {
  const { operation, inputs } = nodes[id]!;
  if (operation.kind === "scale" && operation.bias === null && isGate(nodes[inputs[0]!])) {
    return { gate: inputs[0]!, before: undefined };
  }
  if (operation.kind !== "product" || inputs.length !== 2) return undefined;
  const gate = inputs.find((input) => isGate(nodes[input]));
  const before = inputs.find((input) => input !== gate);
  return gate === undefined || before === undefined || functionOf(nodes[before]) !== undefined
    ? undefined
    : { gate, before };
}

function lstmStep(graph: Graph, node: Node, kept: number, fresh: number): RecordedStep | undefined {
  const { nodes } = graph;
  const added = factors(nodes, fresh);
  const left = keptBy(nodes, kept);
  if (added === undefined || left === undefined || !isGate(nodes[added[0]])) return undefined;
  const output = outputGate(graph, node.id);
  return {
    kind: "LSTM",
    state: node.id,
    before: left.before,
    gates: { input: added[0], forget: left.gate, ...(output !== undefined && { output }) },
  };
}

/** The gate behind a memory: o of o ∘ g(c). */
function outputGate({ nodes }: Graph, state: number): number | undefined {
  const shown = nodes.find(({ operation, inputs }) => operation.kind === "activation" && inputs[0] === state);
  const output = nodes.find(
    ({ operation, inputs }) => operation.kind === "product" && shown !== undefined && inputs.includes(shown.id),
  );
  return output?.inputs.find((input) => isGate(nodes[input]));
}

/** The gate z of 1 − z. */
function complementOf(nodes: readonly Node[], id: number): number | undefined {
  let node = nodes[id]!;
  let scales = 0;
  while (node.operation.kind === "scale") {
    scales++;
    node = nodes[node.inputs[0]!]!;
  }
  return scales > 0 && isGate(node) ? node.id : undefined;
}

function gruStep({ nodes }: Graph, node: Node, kept: number, fresh: number): RecordedStep | undefined {
  const added = factors(nodes, fresh);
  const left = keptBy(nodes, kept);
  if (added === undefined || left === undefined || complementOf(nodes, added[0]) !== left.gate) return undefined;
  const reset = resetGate(nodes, added[1], left.before);
  return {
    kind: "GRU",
    state: node.id,
    before: left.before,
    gates: { update: left.gate, ...(reset !== undefined && { reset }) },
  };
}

/** The gate on the way to a candidate, not beyond the memory before it. */
function resetGate(nodes: readonly Node[], candidate: number, before: number | undefined): number | undefined {
  const pending = [...nodes[candidate]!.inputs];
  const seen = new Set<number>();
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (seen.has(id) || id === before) continue;
    seen.add(id);
    const node = nodes[id]!;
    if (isGate(node)) return id;
    if (functionOf(node) === undefined) pending.push(...node.inputs);
  }
  return undefined;
}

/** Steps of which each reads the one before, from the first on. */
function chains(steps: readonly RecordedStep[]): RecordedStep[][] {
  const byState = new Map(steps.map((step) => [step.state, step]));
  const next = new Map(steps.flatMap((step) => (step.before === undefined ? [] : [[step.before, step] as const])));
  return steps
    .filter(({ before }) => before === undefined || !byState.has(before))
    .sort((a, b) => a.state - b.state)
    .map((first) => {
      const chain = [first];
      for (let step = next.get(first.state); step !== undefined; step = next.get(step.state)) chain.push(step);
      return chain;
    });
}
