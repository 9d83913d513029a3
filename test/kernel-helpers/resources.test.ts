import assert from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { picturesIn } from "../../src/kernel-helpers/data/picture-folder.js";
import { loadDigits, loadEvaluation, loadImage, loadModel, sampleText } from "../../src/kernel-helpers/index.js";
import { packageFile } from "../../src/kernel-helpers/platform/files.js";
import { listenToResources, type Resource } from "../../src/kernel-helpers/resources/recorder.js";

const heard: Resource[] = [];
const start = process.cwd();
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "limpid-notebook-"));
  await mkdir(join(folder, "photos"));
  await copyFile(packageFile("photos", "chelsea.png"), join(folder, "photos", "cat.png"));
  process.chdir(folder);
  listenToResources((resource) => heard.push(resource));
});
after(async () => {
  listenToResources(undefined);
  process.chdir(start);
  await rm(folder, { recursive: true });
});

async function reading(read: () => Promise<unknown>): Promise<Resource[]> {
  heard.length = 0;
  await read();
  return [...heard];
}
const keys = (resources: readonly Resource[]) => resources.map(({ key }) => key).sort();

test("what this package brings goes by its place in the package", async () => {
  const model = await reading(async () => (await loadModel("mnist-cnn")).dispose());
  assert.deepEqual(keys(model), ["limpid:models/mnist-cnn/model.json", "limpid:models/mnist-cnn/weights.bin"]);
  assert.deepEqual(keys(await reading(sampleText)), ["limpid:models/char-sample/sample.txt"]);
  const [digits] = await reading(loadDigits);
  assert.equal(digits!.key, 'limpid:models/mnist-digits/digits.png {"gray":true}');
  assert.equal(digits!.bytes.length, 1000 * 784 * (digits!.about["channels"] as number));
});

test("a decoded picture says how it was framed, and a frame is another resource", async () => {
  const input = { shape: [32, 48, 3], mean: 0, scale: 255, crop: 1 };
  const [small] = await reading(async () => (await loadImage("photos/cat.png", input)).dispose());
  assert.equal(small!.kind, "picture");
  assert.match(small!.key, /^photos\/cat\.png \{/);
  assert.equal(small!.bytes.length, 32 * 48 * 4);
  assert.deepEqual([small!.about["width"], small!.about["height"]], [48, 32]);
  const [whole] = await reading(async () => (await loadImage("photos/cat.png", input, { fit: "letterbox" })).dispose());
  assert.notEqual(whole!.key, small!.key);
});

test("folders and files of the notebook go by their place beside it, and nothing tells where that is", async () => {
  await writeFile("scores.json", "{}");
  const outside = resolve(start, "package.json");
  const read = await reading(async () => {
    await picturesIn("photos");
    await picturesIn(join(folder, "photos"));
    await loadEvaluation("scores.json").catch(() => {});
    await loadEvaluation(outside).catch(() => {});
    await loadImage(pathToFileURL(join(folder, "photos", "cat.png")));
    await loadImage(new Uint8Array(await (await fetch(pngUrl)).arrayBuffer()));
  });
  const found = keys(read);
  assert.deepEqual(
    found.map((key) => key.replace(/[0-9a-f]{16}/, "HASH").replace(/ .*/, "")),
    ["bytes:HASH", "outside:HASH/package.json", "photos", "photos", "photos/cat.png", "scores.json"],
  );
  for (const key of found) assert.ok(!key.includes(folder) && !key.includes(start), key);
});

const pngUrl =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
