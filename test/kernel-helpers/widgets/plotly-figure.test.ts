import assert from "node:assert/strict";
import { test } from "node:test";
import { insertBuffers } from "../../../src/comms/buffers.js";
import type { PlotlyTrace } from "../../../src/comms/states/plotly-figure.js";
import { ParameterError, PlotlyFigure, TraitError } from "../../../src/kernel-helpers/index.js";
import { FrontEnd, turn } from "../../comms/front-end.js";

interface Wire {
  dtype: string;
  bdata: Uint8Array;
  shape?: string;
}

test("arrays of numbers cross as they are in memory, tables with their shape", async () => {
  const frontEnd = new FrontEnd().attach();
  const y = Float64Array.of(1, Number.NaN, 3);
  const z = { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] };
  const figure = new PlotlyFigure(
    [
      { x: [1, 2, 3], y },
      { type: "heatmap", z },
    ],
    { xaxis: { title: { text: "t" } } },
  );
  await turn();
  const [line, map] = frontEnd.models.get(figure.id)!["data"] as [{ x: number[]; y: Wire }, { z: Wire }];
  assert.deepEqual(line.x, [1, 2, 3]);
  assert.equal(line.y.dtype, "f8");
  assert.deepEqual([...new Float64Array(line.y.bdata.slice().buffer)], [1, Number.NaN, 3]);
  assert.deepEqual([map.z.dtype, map.z.shape, map.z.bdata.byteLength], ["f4", "2, 3", 24]);
});

test("restyle and relayout send what changes, and a page that is loaded later gets all of it", async () => {
  const frontEnd = new FrontEnd().attach();
  const figure = new PlotlyFigure([{ y: Float32Array.of(1, 2) }, { y: [3, 4] }]);
  await turn();
  frontEnd.sent.splice(0);
  figure.restyle({ "marker.color": "red" }, 1);
  figure.restyle({ y: Float32Array.of(5, 6, 7) }, 0);
  figure.relayout({ "xaxis.range": [0, 3], title: "two" });
  const told = frontEnd.sent.map(({ content, buffers }) => {
    const { buffer_paths: paths, ...change } = (content["data"] as { content: Record<string, unknown> }).content;
    return insertBuffers(change, paths as string[][], buffers);
  });
  assert.deepEqual(told[0], { kind: "restyle", update: { "marker.color": "red" }, traces: [1] });
  assert.equal((told[1] as { update: { y: Wire } }).update.y.bdata.byteLength, 12);
  assert.deepEqual(told[2], { kind: "relayout", update: { "xaxis.range": [0, 3], title: "two" } });
  const { state } = frontEnd.requestStates()[figure.id]!;
  const traces = state["data"] as PlotlyTrace[];
  assert.equal((traces[0]!["y"] as Wire).bdata.byteLength, 12);
  assert.deepEqual(traces[1]!["marker"], { color: "red" });
  assert.deepEqual(state["plotLayout"], { xaxis: { range: [0, 3] }, title: "two" });
  figure.addTraces({ type: "bar", y: [1] });
  assert.equal(figure.data.length, 3);
});

test("the reader's clicks, selection and zoom come back", async () => {
  const frontEnd = new FrontEnd().attach();
  const figure = new PlotlyFigure([{ y: [1, 2, 3] }]);
  await turn();
  const click = figure.next("click");
  frontEnd.custom(figure.id, { event: "click", points: [{ trace: 0, point: 2, x: 2, y: 3 }] });
  assert.deepEqual((await click).points, [{ trace: 0, point: 2, x: 2, y: 3 }]);
  frontEnd.update(figure.id, { selected: [{ trace: 0, points: [0, 1] }] });
  assert.deepEqual(figure.selected, [{ trace: 0, points: [0, 1] }]);
  frontEnd.custom(figure.id, { event: "relayout", changes: { "xaxis.range[0]": 1, "xaxis.range[1]": 2 } });
  assert.deepEqual(figure.plotLayout, { xaxis: { range: [1, 2] } });
});

test("what plotly could not draw is refused, and nothing changes", () => {
  assert.throws(() => new PlotlyFigure([{ type: "scatter3d", x: [1] }]), /PlotlyFigure.data must be a list of traces/);
  assert.throws(() => new PlotlyFigure([{ y: [1, Number.NaN] }]), TraitError);
  const figure = new PlotlyFigure([{ y: [1] }]);
  assert.throws(() => figure.restyle({ y: [1] }, 1), /traces.*from 0 to 0/);
  assert.throws(() => figure.restyle({ type: "mesh3d" }), ParameterError);
  assert.throws(() => figure.restyle({ "__proto__.x": 1 }), /names no attribute/);
  assert.deepEqual(figure.data, [{ y: [1] }]);
  assert.equal(({} as { x?: unknown }).x, undefined);
  assert.match(figure.staticPicture()!.svg, /image/);
  assert.equal(new PlotlyFigure([{ type: "pie", values: [1] }]).staticPicture(), null);
});
