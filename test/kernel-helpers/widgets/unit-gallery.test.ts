/** What a gallery says agrees with its dissection, whatever a reader does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CARDS, type UnitGalleryState } from "../../../src/comms/states/unit-gallery.js";
import { dissect, release } from "../../../src/explainers/index.js";
import { loadConcepts, loadModel, TraitError, tensorflow, UnitGallery } from "../../../src/kernel-helpers/index.js";

type Filter = Partial<Pick<UnitGalleryState, "layer" | "kind" | "concept" | "search" | "which" | "sort" | "page">>;

test("cards, counts, pictures and masks are those of the filters, after any sequence of them", async () => {
  const tf = await tensorflow();
  const before = tf.memory().numTensors;
  const model = await loadModel("planted-objects");
  const pictures = await loadConcepts("planted", model.input, { count: 24 });
  const options = { layers: ["conv2", "conv3"], share: 0.05, leastOverlap: 0.06, keptMasks: 4, rotated: true };
  const dissection = await dissect(model, options)(pictures);
  const gallery = new UnitGallery(model, pictures, { dissection });
  const concepts = dissection.concepts.map(({ name }) => name);
  const filters: fc.Arbitrary<Filter> = fc.record(
    {
      layer: fc.constantFrom("", "conv2", "conv3"),
      kind: fc.constantFrom("", "", "shape", "part", "color"),
      concept: fc.constantFrom("", "", "", ...concepts),
      search: fc.constantFrom("", "", "conv3", "rim", "7", "#3", "nothing"),
      which: fc.constantFrom<UnitGalleryState["which"]>("detectors", "all"),
      sort: fc.constantFrom<UnitGalleryState["sort"]>("overlap", "layer", "concept", "value"),
      page: fc.nat(6),
    },
    { requiredKeys: [] },
  );
  const size = 48 * 48 * 3;
  const all = dissection.layers.flatMap(({ layer, units, masks }) =>
    units.map((unit) => ({ layer, unit, masks: masks! })),
  );
  const check = () => {
    const { layer, kind, concept, search, which, cards, found, page, pages } = gallery;
    const wanted = all.filter(({ layer: own, unit }) => {
      const words = [own, unit.concept?.name ?? "", unit.concept?.kind ?? ""];
      return (
        (which === "all" || unit.isDetector) &&
        (layer === "" || own === layer) &&
        (kind === "" || unit.concept?.kind === kind) &&
        (concept === "" || unit.concept?.name === concept) &&
        (/^#?\d+$/.test(search)
          ? unit.unit === Number(search.replace("#", ""))
          : words.some((word) => word.includes(search)))
      );
    });
    assert.equal(found, wanted.length);
    assert.match(gallery.words, new RegExp(`^${found === 0 ? "No" : found} ${which === "all" ? "unit" : "detector"}`));
    assert.equal(gallery.words.includes(`in ${layer}`), layer !== "");
    assert.equal(gallery.pageWords, `page ${page + 1} of ${pages}`);
    assert.equal(pages, Math.max(1, Math.ceil(found / CARDS)));
    assert.equal(cards.length, Math.min(CARDS, found - page * CARDS));
    cards.forEach((card, place) => {
      const own = wanted.find(({ layer: name, unit }) => name === card.layer && unit.unit === card.unit)!;
      assert.equal(card.concept, own.unit.concept?.name ?? "");
      assert.equal(card.overlap, own.unit.overlap);
      card.pictures.forEach((picture, slot) => {
        const index = own.unit.topPictures[slot]!;
        assert.equal(card.names[slot], pictures.names[index]);
        const shown = (gallery.pictures!.data as Uint8Array).subarray(picture * size, (picture + 1) * size);
        assert.deepEqual(shown, pictures.pixels.subarray(index * size, (index + 1) * size));
      });
      const bytes = 4 * 392;
      const mask = (gallery.masks!.data as Uint8Array).subarray(place * bytes, (place + 1) * bytes);
      assert.deepEqual(mask, own.masks.subarray(own.unit.unit * bytes, (own.unit.unit + 1) * bytes));
    });
    const sum = gallery.concepts.reduce((counted, { detectors }) => counted + detectors, 0);
    const layers = gallery.layers.filter(({ name }) => layer === "" || name === layer);
    const byKind = layers.reduce((counted, one) => counted + one.byKind.reduce((a, b) => a + b, 0), 0);
    if (kind === "" && concept === "") assert.equal(sum, byKind, "both counts are of the same units");
  };
  check();
  fc.assert(
    fc.property(fc.array(filters, { minLength: 1, maxLength: 5 }), (sequence) => {
      for (const filter of sequence) {
        gallery.set(filter);
        check();
      }
      gallery.set({ layer: "", kind: "", concept: "", search: "", which: "detectors", sort: "overlap", page: 0 });
    }),
    { numRuns: 150, seed: 1 },
  );
  gallery.selected = 0;
  const [first] = gallery.cards as [(typeof gallery.cards)[0]];
  assert.equal(gallery.overlaps[0]!.name, first.concept);
  assert.ok(Math.abs(gallery.overlaps[0]!.overlap - first.overlap) < 1e-6);
  gallery.page = 1;
  assert.equal(gallery.selected, -1, "what was open is on another page");
  assert.throws(() => gallery.set({ layer: "conv9" }), TraitError);
  assert.ok(gallery.staticPicture()!.svg.includes("random rotation"));
  release(model);
  model.dispose();
  assert.equal(tf.memory().numTensors, before);
});
