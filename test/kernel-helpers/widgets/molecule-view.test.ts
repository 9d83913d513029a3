import assert from "node:assert/strict";
import { test } from "node:test";
import { type MoleculeMark, moleculeDrawing } from "../../../src/comms/states/molecule-drawing.js";
import {
  itemWords,
  listedItems,
  type MoleculeContent,
  type MoleculeViewState,
  moleculeViewState,
  shownLimit,
  sumWords,
} from "../../../src/comms/states/molecule-view.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { boundPairs } from "../../../src/kernel-helpers/formats/molecules/bonds.js";
import {
  type Bond,
  type Molecule,
  MoleculeView,
  ParameterError,
  TraitError,
} from "../../../src/kernel-helpers/index.js";
import { bestView } from "../../../src/kernel-helpers/widgets/molecule-view/best-view.js";

const molecule = (name: string, elements: string, positions: number[], more: Partial<Molecule> = {}): Molecule => ({
  ...{ name, elements: elements.split(" "), positions: Float32Array.from(positions), flat: false },
  ...{ bonds: undefined, charges: new Map(), properties: {}, ...more },
});

/** Methane, 1.09 Å from carbon to hydrogen. */
const a = 1.09 / Math.sqrt(3);
const methane = molecule("CH4", "C H H H H", [0, 0, 0, a, a, a, -a, -a, a, a, -a, -a, -a, a, -a]);
const formaldehyde = molecule("H2CO", "O C H H", [0, 0, 1.2, 0, 0, 0, 0, 0.94, -0.59, 0, -0.94, -0.59]);
const drawn = molecule("amide", "C O N", [0, 0, 0, 0.5, 0.87, 0, 1, 0, 0], {
  flat: true,
  bonds: [{ from: 0, to: 1, order: 2 } as Bond, { from: 0, to: 2, order: 1 } as Bond],
  charges: new Map([[2, 1]]),
});

function contentOf(view: MoleculeView): MoleculeContent {
  const state = Object.fromEntries(
    Object.keys(moleculeViewState).map((name) => [name, view.get(name as keyof MoleculeViewState)]),
  );
  return { ...(state as unknown as MoleculeContent), positions: view.positions!.data as Float32Array };
}
const marks = <Kind extends MoleculeMark["kind"]>(view: MoleculeView, kind: Kind) =>
  moleculeDrawing(contentOf(view), 440).marks.filter((mark) => mark.kind === kind) as Extract<
    MoleculeMark,
    { kind: Kind }
  >[];

test("atoms of a geometry are bound where radii say so", () => {
  assert.deepEqual(
    boundPairs(methane).map(({ from, to }) => [from, to]),
    [1, 2, 3, 4].map((to) => [0, to]),
  );
  // 0.31 + 0.31 + 0.4 Å between two hydrogens.
  const hydrogen = (distance: number) => boundPairs(molecule("H2", "H H", [0, 0, 0, 0, 0, distance])).length;
  assert.deepEqual([1.019, 1.021].map(hydrogen), [1, 0]);
  assert.throws(
    () => boundPairs(molecule("Og", "Og Og", [0, 0, 0, 0, 0, 1])),
    (error) => error instanceof ParameterError && /Og/.test(error.message),
  );
});

test("the view keeps distances and handedness, and shows flat molecules from above", () => {
  const random = seededRandom(3);
  for (let turn = 0; turn < 20; turn++) {
    const atoms = 4 + turn;
    const places = Float32Array.from({ length: 3 * atoms }, () => 2 * random.gaussian());
    const seen = bestView(places);
    const vector = (all: Float32Array, from: number, to: number) =>
      [0, 1, 2].map((axis) => all[3 * to + axis]! - all[3 * from + axis]!);
    const volume = (all: Float32Array) => {
      const [u, v, w] = [1, 2, 3].map((to) => vector(all, 0, to)) as [number[], number[], number[]];
      return (
        u[0]! * (v[1]! * w[2]! - v[2]! * w[1]!) -
        u[1]! * (v[0]! * w[2]! - v[2]! * w[0]!) +
        u[2]! * (v[0]! * w[1]! - v[1]! * w[0]!)
      );
    };
    for (let to = 1; to < atoms; to++) {
      const [before, after] = [places, seen].map((all) => Math.hypot(...vector(all, 0, to)));
      assert.ok(Math.abs(before! - after!) < 1e-4);
    }
    // A mirror image would be another molecule.
    assert.ok(Math.abs(volume(places) - volume(seen)) < 1e-3 * Math.max(1, Math.abs(volume(places))));
    const spread = (axis: number) => seen.reduce((sum, value, at) => (at % 3 === axis ? sum + value ** 2 : sum), 0);
    assert.ok(spread(0) >= spread(1) - 1e-3, "the longest side lies");
  }
  // Formaldehyde stands in the plane x = 0: seen from above, nearly nothing of it has depth.
  const depths = bestView(formaldehyde.positions).filter((_, at) => at % 3 === 2);
  assert.ok(Math.max(...depths) - Math.min(...depths) < 0.35, String(depths));
});

test("sums, shares and lengths are said in the values' unit", () => {
  const view = new MoleculeView(formaldehyde, {
    atoms: [-2, -6, -1, -1],
    whole: -12,
    unit: "kcal/mol",
    quantity: "energy",
  });
  const content = contentOf(view);
  assert.equal(sumWords(content), "atoms sum to −10.00 of −12.00 kcal/mol · rest −2.000 kcal/mol");
  assert.equal(itemWords(content, 1), "C1 · −6.000 kcal/mol · 60\u202f% of the sum · bound to O1, H1, H2");
  assert.equal(itemWords(content, 4), "O1–C1 · bond · 1.20 Å");
  assert.deepEqual(
    view.rows.map(({ part, value }) => [part, value]),
    [
      ["C1", -6],
      ["O1", -2],
      ["H1", -1],
      ["H2", -1],
    ],
  );
  assert.match(view.toString(), /^MoleculeView: H2CO · atoms sum to .*\n {2}C1 · /);
  // Where signs differ a share of the sum says nothing.
  view.show(formaldehyde, { atoms: [3, -1, 1, 1], unit: "eV" });
  assert.equal(itemWords(contentOf(view), 0), "O1 · +3.000 eV · bound to C1");
  assert.equal(sumWords(contentOf(view)), "atoms sum to 4.000 eV");
});

test("bonds and pairs have their own values, on one scale with the atoms where both are shown", () => {
  const view = new MoleculeView(formaldehyde, {
    atoms: [1, 2, 0, 0],
    bonds: [
      { from: 1, to: 0, value: 5 },
      { from: 2, to: 3, value: -0.1 },
      { from: 0, to: 2, value: 4 },
    ],
  });
  assert.equal(shownLimit(contentOf(view)), 2);
  assert.equal(marks(view, "line").length, 3, "pairs without color that are not bound are not drawn");
  view.parts = "bonds";
  assert.deepEqual(
    listedItems(contentOf(view)).map(({ value }) => value),
    [5, 4, -0.1],
  );
  const lines = marks(view, "line");
  // The pair of hydrogens is below 5 % of the scale.
  assert.equal(lines.length, 4);
  assert.deepEqual(
    lines.filter(({ dashed }) => dashed).map(({ item }) => itemWords(contentOf(view), item).split(" · ")[0]),
    ["O1–H1"],
  );
  assert.ok(marks(view, "circle").every(({ color }) => color === null));
  view.parts = "both";
  assert.equal(shownLimit(contentOf(view)), 5);
  assert.match(sumWords(contentOf(view)), /^atoms sum to 3\.000, pairs to 8\.900$/);
  view.limit = 10;
  const [strongest] = marks(view, "line").filter(({ color }) => color !== null);
  view.limit = 5;
  const [again] = marks(view, "line").filter(({ color }) => color !== null);
  assert.notEqual(strongest!.color, again!.color);
});

test("a drawing in the plane is drawn as it is: orders as lines, charges as signs, no lengths, no turning", () => {
  const view = new MoleculeView(drawn, { atoms: [1, -1, 0.5] });
  assert.equal(marks(view, "line").length, 3, "a double bond is two lines");
  assert.deepEqual(
    marks(view, "symbol").map(({ words }) => words),
    ["C", "O", "N⁺"],
  );
  assert.equal(itemWords(contentOf(view), 3), "C1–O1 · double bond");
  const before = marks(view, "circle");
  view.yaw = 40;
  assert.deepEqual(marks(view, "circle"), before);
  // y points upwards in the file and downwards on paper.
  const [carbon, oxygen] = before;
  assert.ok(oxygen!.y < carbon!.y);
});

test("turned by a right angle the depth becomes the width", () => {
  const view = new MoleculeView(methane, { atoms: [0, 1, 0, 0, 0] });
  const seen = view.positions!.data as Float32Array;
  const across = (axis: number) => seen[3 + axis]! - seen[axis]!;
  const step = () => {
    const circles = marks(view, "circle");
    const [carbon, hydrogen] = [0, 1].map((item) => circles.find((mark) => mark.item === item)!);
    return [hydrogen!.x - carbon!.x, carbon!.y - hydrogen!.y];
  };
  view.yaw = 90;
  assert.ok(Math.abs(step()[1]! / step()[0]! - across(1) / across(2)) < 1e-3);
  view.set({ yaw: 0, pitch: 90 });
  assert.ok(Math.abs(step()[1]! / step()[0]! + across(2) / across(0)) < 1e-3);
});

test("what does not fit is refused by name", () => {
  const fails = (run: () => unknown, words: RegExp, kind: typeof ParameterError | typeof TraitError = ParameterError) =>
    assert.throws(run, (error) => error instanceof kind && words.test((error as Error).message));
  fails(() => new MoleculeView(methane, { atoms: [1, 2] }), /atoms must be one value for each of the 5 atoms of CH4/);
  fails(() => new MoleculeView(methane, { atoms: [1, 2, Number.NaN, 4, 5] }), /atoms\[2\] must be a finite number/);
  fails(
    () => new MoleculeView(methane, { bonds: [{ from: 0, to: 5, value: 1 }] }),
    /bonds must be two of the atoms 0 to 4/,
  );
  const twice = [1, 2].map((value) => ({ from: value - 1, to: 2 - value, value }));
  fails(() => new MoleculeView(methane, { bonds: twice }), /C1–H1 twice|H1–C1 twice/);
  fails(() => new MoleculeView(undefined, { atoms: [1] }), /molecule must be there/);
  fails(
    () => new MoleculeView(methane).set({ cursor: 9 }),
    /cursor must be an atom or a bond, from 0 to 8/,
    TraitError,
  );
  fails(() => new MoleculeView().toSvg(), /shown, before it can be saved/);
});

test("files keep the drawing, its scale and the largest values", async () => {
  const view = new MoleculeView(methane, { atoms: [-7, 1, 1, 1, 1], ends: ["lowers the energy", "raises it"] });
  const svg = view.toSvg();
  assert.equal(svg.match(/<circle/g)?.length, 5);
  for (const words of ["lowers the energy", "raises it", "−7.00", "C1", "atoms sum to −3.000"])
    assert.ok(svg.includes(words));
  const png = await view.toPng();
  assert.deepEqual([...png.subarray(1, 4)].map((byte) => String.fromCharCode(byte)).join(""), "PNG");
  assert.equal(new MoleculeView().staticPicture(), null);
});
