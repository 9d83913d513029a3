import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import {
  type AniNetworks,
  aniBonds,
  aniEnergies,
  type DenseLayer,
  type Molecule,
  ParameterError,
} from "../../../src/kernel-helpers/index.js";

const constants = {
  Rcr: [5.2],
  Rca: [3.5],
  EtaR: [16],
  ShfR: Array.from({ length: 16 }, (_, index) => 0.9 + 0.26875 * index),
  Zeta: [32],
  ShfZ: Array.from({ length: 8 }, (_, index) => (Math.PI / 16) * (2 * index + 1)),
  EtaA: [8],
  ShfA: [0.9, 1.55, 2.2, 2.85],
};

const layer = (inputs: number, outputs: number, weight: (at: number) => number): DenseLayer => ({
  inputs,
  outputs,
  weights: Float32Array.from({ length: inputs * outputs }, (_, at) => weight(at)),
  bias: new Float32Array(outputs),
});

const networksOf = (member: (element: string, index: number) => readonly DenseLayer[], members = 2): AniNetworks => ({
  name: "made up",
  constants,
  elements: Object.fromEntries(
    ["H", "C", "N", "O"].map((element, index) => [
      element,
      { self: -(index + 1), members: Array.from({ length: members }, (_, at) => member(element, at)) },
    ]),
  ),
});

const molecule = (elements: string[], positions: number[]): Molecule => ({
  name: "m",
  elements,
  positions: Float32Array.from(positions),
  flat: false,
  bonds: undefined,
  charges: new Map(),
  properties: {},
});

test("a network that reads one symmetry function gives its formula", () => {
  // The fifth radial term of hydrogen; the first layer is the last.
  const radial = networksOf(() => [layer(384, 1, (at) => (at === 4 ? 1 : 0))]);
  const r = 1.5;
  const hydrogen = aniEnergies(radial, molecule(["H", "H"], [0, 0, 0, 0, 0, r]));
  const term = 0.25 * Math.exp(-16 * (r - constants.ShfR[4]!) ** 2) * (0.5 * Math.cos((Math.PI * r) / 5.2) + 0.5);
  assert.ok(Math.abs(hydrogen.atoms[0]! - (-1 + term)) < 1e-7);
  assert.ok(Math.abs(hydrogen.total - 2 * (-1 + term)) < 1e-7);
  assert.equal(hydrogen.spread, 0);

  // Of water's oxygen the pair HH: second distance, third angle.
  const angular = networksOf((element) => [layer(384, 1, (at) => (element === "O" && at === 64 + 8 + 2 ? 1 : 0))]);
  const water = aniEnergies(angular, molecule(["O", "H", "H"], [0, 0, 0, 0, 1, 0, 1, 0, 0]));
  const fc = 0.5 * Math.cos(Math.PI / 3.5) + 0.5;
  const shape = ((1 + Math.cos(Math.PI / 2 - constants.ShfZ[2]!)) / 2) ** 32;
  assert.ok(Math.abs(water.atoms[0]! - (-4 + 2 * shape * Math.exp(-8 * (1 - 1.55) ** 2) * fc * fc)) < 1e-7);

  // Every pair of elements has a place of its own.
  const places = new Set<number>();
  for (const [a, b] of [
    ["H", "H"],
    ["H", "C"],
    ["H", "N"],
    ["H", "O"],
    ["C", "C"],
    ["C", "N"],
    ["C", "O"],
    ["N", "N"],
    ["N", "O"],
    ["O", "O"],
  ] as const) {
    for (let pair = 0; pair < 10; pair++) {
      const one = networksOf((element) => [
        layer(384, 1, (at) => (element === "C" && at >= 64 + 32 * pair && at < 96 + 32 * pair ? 1 : 0)),
      ]);
      const { atoms } = aniEnergies(one, molecule(["C", a, b], [0, 0, 0, 0, 1.2, 0, 1.2, 0, 0]));
      if (atoms[0]! > -2 + 1e-6) places.add(pair);
    }
  }
  assert.equal(places.size, 10);
});

test("energies do not change when a molecule is turned, moved, or its atoms are named in another order", () => {
  const random = seededRandom(2);
  const deep = new Map(
    ["H", "C", "N", "O"].flatMap((element) =>
      [0, 1].map(
        (index) =>
          [
            `${element}${index}`,
            [layer(384, 5, () => random.gaussian()), layer(5, 1, () => random.gaussian())],
          ] as const,
      ),
    ),
  );
  const networks = networksOf((element, index) => deep.get(`${element}${index}`)!);
  const elements = ["C", "O", "N", "H", "H", "H"];
  const places = Array.from({ length: 6 }, () => [2 * random.gaussian(), 2 * random.gaussian(), 2 * random.gaussian()]);
  const here = aniEnergies(networks, molecule(elements, places.flat()));
  const turned = places.map(([x, y, z]) => [0.6 * x! - 0.8 * z! + 3, y! - 1, 0.8 * x! + 0.6 * z! + 7]);
  const there = aniEnergies(networks, molecule(elements, turned.flat()));
  const order = [3, 1, 5, 0, 4, 2];
  const mixed = aniEnergies(
    networks,
    molecule(
      order.map((at) => elements[at]!),
      order.flatMap((at) => places[at]!),
    ),
  );
  for (const [atom, place] of order.entries()) {
    assert.ok(Math.abs(there.atoms[place]! - here.atoms[place]!) < 1e-4);
    assert.ok(Math.abs(mixed.atoms[atom]! - here.atoms[place]!) < 1e-9);
  }
  assert.ok(here.spread > 0 && Math.abs(there.total - here.total) < 1e-4);
});

test("what the networks do not know is refused", () => {
  const networks = networksOf(() => [layer(384, 1, () => 0)]);
  assert.throws(
    () => aniEnergies(networks, molecule(["H", "Cl"], [0, 0, 0, 1, 0, 0])),
    (error) => error instanceof ParameterError && /m with Cl/.test(error.message),
  );
  assert.throws(() => aniEnergies(networks, molecule(["H", "H"], [0, 0, 0, 0, 0, 0])), /two atoms at one place/);
});

test("pairs and lone atoms share the whole energy: by formula for one symmetry function, by sum for deep networks", async () => {
  // The fifth radial term of hydrogen: a linear network, so a neighbor's share is its own term.
  const radial = networksOf(() => [layer(384, 1, (at) => (at === 4 ? 1 : 0))]);
  const term = (r: number) =>
    0.25 * Math.exp(-16 * (r - constants.ShfR[4]!) ** 2) * (0.5 * Math.cos((Math.PI * r) / 5.2) + 0.5);
  const line = await aniBonds(radial, molecule(["H", "H", "H"], [0, 0, 0, 0, 0, 1.5, 0, 0, 3.2]));
  assert.deepEqual([...line.alone], [-1, -1, -1]);
  assert.deepEqual(
    line.bonds.map(({ from, to }) => [from, to]),
    [
      [0, 1],
      [0, 2],
      [1, 2],
    ],
  );
  // Either atom sees the other.
  for (const [pair, r] of [1.5, 3.2, 1.7].entries()) {
    assert.ok(
      Math.abs(line.bonds[pair]!.value - 2 * term(r)) < 1e-6,
      `${line.bonds[pair]!.value} is not ${2 * term(r)}`,
    );
  }

  // An angle belongs half to each of its sides.
  const angular = networksOf((element) => [layer(384, 1, (at) => (element === "O" && at === 64 + 8 + 2 ? 1 : 0))]);
  const water = molecule(["O", "H", "H"], [0, 0, 0, 0, 1, 0, 1, 0, 0]);
  const halves = await aniBonds(angular, water);
  const added = aniEnergies(angular, water).total + 6;
  assert.ok(added > 1e-3, String(added));
  for (const { from, to, value } of halves.bonds)
    assert.ok(Math.abs(value - (from === 0 && to > 0 ? added / 2 : 0)) < 1e-6);

  const random = seededRandom(5);
  const deep = ["H", "C", "N", "O"].map((element) => [
    element,
    [0, 1].map(() => [layer(384, 6, () => 0.3 * random.gaussian()), layer(6, 1, () => random.gaussian())]),
  ]);
  const byName = Object.fromEntries(deep) as Record<string, (readonly DenseLayer[])[]>;
  const networks = networksOf((element, index) => byName[element]![index]!);
  const places = Array.from({ length: 15 }, () => 1.5 * random.gaussian());
  const mixed = molecule(["C", "O", "N", "H", "H"], places);
  const seen: number[] = [];
  const shared = await aniBonds(networks, mixed, {
    steps: 200,
    onProgress: ({ done, total }) => seen.push(done / total),
  });
  assert.ok(Math.abs(shared.total - aniEnergies(networks, mixed).total) < 2e-3, "the integral is the difference");
  assert.equal(seen.at(-1), 1);
  assert.ok(shared.bonds.some(({ value }) => Math.abs(value) > 1e-2));
});
