import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ConceptKind,
  conceptKinds,
  conceptMask,
  type PlantedPictures,
  plantedObjects,
  plantedPictures,
  plantedScenes,
} from "../../../src/kernel-helpers/data/planted/index.js";

const count = 60;
const made = plantedPictures({ count, seed: 3 });
const entries = count * 48 * 48;

/** 1 where two series of pictures differ in any channel. */
const differing = (a: PlantedPictures, b: PlantedPictures) =>
  Uint8Array.from({ length: a.masks.object.length }, (_, i) =>
    Number([0, 1, 2].some((channel) => a.pixels[3 * i + channel] !== b.pixels[3 * i + channel])),
  );

test("the same seed gives the same pictures, however many, and another seed others", () => {
  const fewer = plantedPictures({ count: 7, seed: 3 });
  assert.deepEqual(fewer.pixels, made.pixels.slice(0, fewer.pixels.length));
  assert.deepEqual(fewer.objects, made.objects.slice(0, 7));
  const other = plantedPictures({ count: 7, seed: 4 });
  assert.notDeepEqual(other.pixels, fewer.pixels);
  assert.ok(made.pixels.every((value) => value >= 0 && value <= 1));
});

test("without its object a picture is the same outside of the mask, and nowhere inside it", () => {
  const background = plantedPictures({ count, seed: 3, object: false });
  assert.deepEqual(differing(made, background), made.masks.object);
  assert.ok(background.masks.object.every((value) => value === 0));
  assert.deepEqual(background.scenes, made.scenes);
  for (let picture = 0; picture < count; picture++) {
    const size = made.masks.object.subarray(picture * 48 * 48, (picture + 1) * 48 * 48).reduce((a, b) => a + b, 0);
    // The thinnest and smallest is a star of radius 0.2, the fullest a disc of radius 0.3, which is 28 % of a picture.
    assert.ok(size > 0.03 * 48 * 48 && size < 0.29 * 48 * 48, `${size} pixels of object ${made.objects[picture]}`);
  }
});

test("a watermark changes its ink by its strength and nothing else, on the share and the objects that are wanted", () => {
  const plain = plantedPictures({ count, seed: 3, noise: 0 });
  const full = plantedPictures({ count, seed: 3, noise: 0, watermark: {} });
  const half = plantedPictures({ count, seed: 3, noise: 0, watermark: { strength: 0.5 } });
  assert.deepEqual(full.masks.object, plain.masks.object);
  assert.deepEqual(half.masks.watermark, full.masks.watermark);
  const changed = differing(plain, full);
  assert.deepEqual(changed, full.masks.watermark);
  for (let i = 0; i < entries * 3; i++) {
    const middle = (plain.pixels[i]! + full.pixels[i]!) / 2;
    assert.ok(Math.abs(half.pixels[i]! - middle) < 1e-6);
  }
  const ofDiscs = plantedPictures({ count, seed: 3, watermark: { object: "disc" } });
  assert.deepEqual(
    Array.from(ofDiscs.watermarked),
    Array.from(ofDiscs.objects, (object) => Number(plantedObjects[object] === "disc")),
  );
  const some = plantedPictures({ count: 400, size: 16, watermark: { share: 0.3 } });
  const share = some.watermarked.reduce((a, b) => a + b, 0) / 400;
  assert.ok(Math.abs(share - 0.3) < 0.07, `${share} instead of 0.3`);
});

test("objects and scenes come in equal shares and say nothing of each other", () => {
  const many = plantedPictures({ count: 3600, size: 16 });
  const together = new Int32Array(36);
  for (let i = 0; i < 3600; i++) together[many.objects[i]! * 6 + many.scenes[i]!]!++;
  // χ² of 35 cells that should hold 100 each: 66.6 is passed by one table of uniform draws in a thousand.
  const chi = together.reduce((sum, found) => sum + (found - 100) ** 2 / 100, 0);
  assert.ok(chi < 66.6, `χ² ${chi}`);
});

test("every pixel has a color; it is of the object with a shape and a part, or of the scene with a texture", () => {
  const { concepts, masks, objects, scenes } = made;
  for (let i = 0; i < entries; i++) {
    const picture = Math.floor(i / (48 * 48));
    assert.ok(concepts.color.map[i]! > 0);
    const isObject = masks.object[i] === 1;
    assert.equal(concepts.shape.map[i], isObject ? objects[picture]! + 1 : 0);
    assert.equal(concepts.texture.map[i], isObject ? 0 : scenes[picture]! + 1);
    assert.equal(concepts.part.map[i]! > 0, isObject);
  }
  for (const kind of conceptKinds) {
    const sum = new Uint8Array(entries);
    for (const name of concepts[kind].names) {
      const mask = conceptMask(made, kind, name);
      for (let i = 0; i < entries; i++) sum[i]! += mask[i]!;
    }
    assert.deepEqual(
      sum,
      concepts[kind].map.map((value) => Number(value > 0)),
      kind,
    );
  }
});

test("colors are what their names say: nearest to the palette's, rims in a darker shade", () => {
  const { concepts, pixels } = plantedPictures({ count: 20, seed: 5, noise: 0 });
  const hueOf = (i: number) => {
    const rgb = [pixels[3 * i]!, pixels[3 * i + 1]!, pixels[3 * i + 2]!];
    return rgb.indexOf(Math.max(...rgb));
  };
  const strongest: Record<string, number> = { red: 0, orange: 0, green: 1, blue: 2, purple: 2, cyan: 2 };
  for (const [name, channel] of Object.entries(strongest)) {
    const mask = conceptMask(plantedPictures({ count: 20, seed: 5, noise: 0 }), "color", name);
    mask.forEach((value, i) => {
      if (value === 1) assert.equal(hueOf(i), channel, name);
    });
  }
  const rim = concepts.part.names.indexOf("rim") + 1;
  const body = concepts.part.names.indexOf("body") + 1;
  for (let picture = 0; picture < 20; picture++) {
    const brightness = (part: number) => {
      const own = Array.from({ length: 48 * 48 }, (_, i) => picture * 48 * 48 + i).filter(
        (i) => concepts.part.map[i] === part,
      );
      return own.reduce((sum, i) => sum + pixels[3 * i]! + pixels[3 * i + 1]! + pixels[3 * i + 2]!, 0) / own.length;
    };
    assert.ok(brightness(rim) < 0.6 * brightness(body));
  }
});

test("in another size it is the same picture", () => {
  const large = plantedPictures({ count: 12, seed: 3, size: 144, noise: 0 });
  const small = plantedPictures({ count: 12, seed: 3, size: 48, noise: 0 });
  let same = 0;
  for (let picture = 0; picture < 12; picture++) {
    for (let row = 0; row < 48; row++) {
      for (let column = 0; column < 48; column++) {
        // The middle pixel of nine.
        const i = (picture * 144 + 3 * row + 1) * 144 + 3 * column + 1;
        same += Number(large.masks.object[i] === small.masks.object[(picture * 48 + row) * 48 + column]);
        assert.equal(large.concepts.color.map[i], small.concepts.color.map[(picture * 48 + row) * 48 + column]);
      }
    }
  }
  assert.equal(same, 12 * 48 * 48);
});

test("objects and scenes can be fixed, and what there is not is refused with what may have been meant", () => {
  const stars = plantedPictures({ count: 12, size: 24, object: "star", scene: "waves" });
  assert.ok(stars.objects.every((object) => plantedObjects[object] === "star"));
  assert.ok(stars.scenes.every((scene) => plantedScenes[scene] === "waves"));
  assert.throws(() => plantedPictures({ object: "starr" }), /object.*starr.*star/s);
  assert.throws(() => plantedPictures({ scene: "sea" }), { name: "ParameterError" });
  assert.throws(() => plantedPictures({ size: 8 }), { name: "ParameterError" });
  assert.throws(() => plantedPictures({ count: 0 }), { name: "ParameterError" });
  assert.throws(() => plantedPictures({ watermark: { strength: 2 } }), /watermark\.strength/);
  assert.throws(() => conceptMask(made, "texture", "red"), { name: "ParameterError" });
  assert.throws(() => conceptMask(made, "smell" as ConceptKind, "red"), { name: "ParameterError" });
});
