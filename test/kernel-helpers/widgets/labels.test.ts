/** Every label agrees with the settings that made the picture: after any sequence of what a reader can do, and meanwhile. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import sharp from "sharp";
import type { JsonObject } from "../../../src/comms/message.js";
import type { ClassTarget } from "../../../src/comms/states/explorer.js";
import { correlationRows, POINTS } from "../../../src/comms/states/shattered-gradients.js";
import { findMethod } from "../../../src/explainers/methods.js";
import { parseNpy } from "../../../src/kernel-helpers/formats/npy.js";
import { type LoadedModel, loadModel } from "../../../src/kernel-helpers/models/index.js";
import { loadImage } from "../../../src/kernel-helpers/pictures/load-image.js";
import { relevanceMap } from "../../../src/kernel-helpers/pictures/relevance-map.js";
import { ClassPrototype } from "../../../src/kernel-helpers/widgets/class-prototype/class-prototype.js";
import { DrawDigit } from "../../../src/kernel-helpers/widgets/draw-digit/draw-digit.js";
import { digitPrototype, explainDigit } from "../../../src/kernel-helpers/widgets/draw-digit/explain-digit.js";
import { Explorer } from "../../../src/kernel-helpers/widgets/explorer/explorer.js";
import { scanRandomNet } from "../../../src/kernel-helpers/widgets/shattered-gradients/line-scan.js";
import { ShatteredGradients } from "../../../src/kernel-helpers/widgets/shattered-gradients/shattered-gradients.js";
import { UnitPage } from "../../../src/kernel-helpers/widgets/unit-page/unit-page.js";
import { turn } from "../../comms/front-end.js";
import {
  type Action,
  AT_ONCE,
  bytesOf,
  change,
  close,
  event,
  floatsOf,
  methodOf,
  SEQUENCES,
  type State,
  seen,
  sequence,
} from "./reader.js";

const NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
let digits: LoadedModel;
let layerOutput: tf.LayersModel;
let colors: LoadedModel;
/** From its input to the channels of its convolution. */
let colorEdges: tf.LayersModel;

before(async () => {
  await tf.setBackend("cpu");
  const weights = (seed: number) => ({
    kernelInitializer: tf.initializers.randomNormal({ seed, stddev: 0.3 }),
    biasInitializer: tf.initializers.randomNormal({ seed: seed + 100, stddev: 0.3 }),
  });
  const net = (shape: number[], strides: number, units: number) => {
    const input = tf.input({ shape });
    const edges = tf.layers.conv2d({ name: `edges${units}`, filters: 3, kernelSize: 4, strides, ...weights(1) });
    const convolved = edges.apply(input) as tf.SymbolicTensor;
    const flat = tf.layers.flatten().apply(tf.layers.reLU().apply(convolved)) as tf.SymbolicTensor;
    const output = tf.layers.dense({ name: `out${units}`, units, ...weights(2) }).apply(flat) as tf.SymbolicTensor;
    return [tf.model({ inputs: input, outputs: output }), tf.model({ inputs: input, outputs: convolved })] as const;
  };
  const loaded = async (model: tf.LayersModel, classNames: string[]): Promise<LoadedModel> => {
    const shape = model.inputs[0]!.shape.slice(1) as number[];
    const plain = await loadModel((x) => model.predict(x) as tf.Tensor, { input: { shape }, classNames });
    return { ...plain, net: model };
  };
  const [whole, inner] = net([28, 28, 1], 4, 10);
  digits = await loaded(whole, NAMES);
  layerOutput = inner;
  const [colored, edges] = net([8, 8, 3], 2, 3);
  colors = await loaded(colored, ["ant", "bee", "cat"]);
  colorEdges = edges;
  // To load a model is to start the native backend, which costs small networks more for each operation than it saves.
  await tf.setBackend("cpu");
});

/** What the networks say of a picture of bytes. */
function judged(picture: { data: ArrayBufferView }) {
  const x = tf.tensor4d(
    Float32Array.from(bytesOf(picture), (byte) => byte / 255),
    [1, 28, 28, 1],
  );
  const [logits, channels] = tf.tidy(() => [
    [...digits.predict(x).dataSync()],
    [...tf.mean(layerOutput.predict(x) as tf.Tensor, [0, 1, 2]).dataSync()],
  ]);
  x.dispose();
  const sum = logits!.reduce((total, logit) => total + Math.exp(logit), 0);
  return { logits: logits!, channels: channels!, probability: (at: number) => Math.exp(logits![at]!) / sum };
}

test("a class prototype says what is drawn, begins anew at once, and stops at an interrupt", async () => {
  const actions = sequence(
    change({
      target: fc.nat(9),
      playing: fc.constantFrom(true, true, false),
      kind: fc.constantFrom("class", "channel"),
    }),
    change({ channel: fc.nat(2), seed: fc.nat(3), drawnIn: fc.constantFrom("pixels", "fourier") }),
    change({ maximize: fc.constantFrom("logit", "logProbability"), l2: fc.constantFrom(0, 0.02) }),
    event("step", "reset", "keep"),
    fc.constant({ event: { event: "recall", index: 0 } } as Action),
    fc.constant({ interrupt: true } as Action),
  );
  /** What the words say of the picture is what the network says of it. */
  const agree = (state: State) => {
    const { image, title, subject, probability, activationName, curves, step } = state;
    if (!image) return;
    assert.match(
      title as string,
      new RegExp(`^How does ${subject.startsWith("channel") ? "" : "an? "}\\*${subject}\\* look to the network\\?$`),
    );
    const { logits, channels, probability: sure } = judged(image);
    const points = floatsOf(curves);
    assert.equal(points.at(-3), step);
    const last = points.at(-2)!;
    const channel = /^channel (\d) of edges10$/.exec(subject)?.[1];
    if (channel !== undefined) {
      assert.equal(probability, null);
      assert.equal(activationName, `mean activation of ${subject}`);
      close(last, channels[Number(channel)]!, 0.05, activationName);
      return;
    }
    const at = NAMES.indexOf(subject);
    assert.ok(Math.abs(probability - sure(at)) < 0.05, `p(${subject}) = ${probability}, not ${sure(at)}`);
    const isLogit = activationName === `logit of ${subject}`;
    if (!isLogit) assert.equal(activationName, `log p(${subject} | x)`);
    close(last, isLogit ? logits[at]! : Math.log(sure(at)), 0.05, activationName);
  };
  await fc.assert(
    fc.asyncProperty(actions, async (list) => {
      const self = seen(() => new ClassPrototype(digits));
      const { widget, state } = self;
      try {
        let before: unknown;
        const check = () => {
          const now = state();
          if (now === undefined || now["image"] === before) return;
          before = now["image"];
          agree(now);
        };
        const wanted = () => {
          const { kind, channel, layer, target } = state()!;
          return kind === "channel" ? `channel ${channel} of ${layer}` : NAMES[target];
        };
        await turn();
        widget.set({ layer: "edges10" });
        for (const action of list) {
          await self.act(action, check);
          for (let turns = AT_ONCE; turns > 0 && state()!["subject"] !== wanted(); turns--) await turn();
          assert.equal(state()!["subject"], wanted(), "what is sought is drawn at once");
          check();
          for (const { name, picture, probability } of state()!["gallery"]) {
            const at = NAMES.indexOf(name);
            if (at >= 0) assert.ok(Math.abs(probability - judged(picture).probability(at)) < 0.05, `kept: ${name}`);
          }
        }
        widget.playing = false;
        await widget.settled();
        await turn();
        check();
        assert.deepEqual([state()!["error"], state()!["rate"]], ["", null]);
      } finally {
        widget.close();
      }
    }),
    { numRuns: SEQUENCES },
  );
});

test("a channel's page is of one channel, its samples are those that it names, and the maps are of the picture that is shown", async () => {
  const count = 6;
  const ink = Uint8Array.from({ length: count * 784 }, (_, at) => (at * 7919 + (at >> 5) * 104_729) % 256);
  const pictures = tf.tensor4d(
    Float32Array.from(ink, (byte) => byte / 255),
    [count, 28, 28, 1],
  );
  const rectified = (digits.net as tf.LayersModel).layers.find((layer) => layer.getClassName() === "ReLU")!.name;
  const layers = ["edges10", rectified];
  const values = (x: tf.Tensor, layer: string) =>
    tf.tidy(() => {
      const found = layerOutput.predict(x) as tf.Tensor4D;
      return (layer === "edges10" ? found : tf.relu(found)).arraySync() as number[][][][];
    });
  const known = new Map(layers.map((layer) => [layer, values(pictures, layer)]));
  const largest = (layer: string, channel: number) =>
    known.get(layer)!.map((rows) => Math.max(...rows.flat().map((places) => places[channel]!)));
  const data = {
    count,
    take: (start: number, some: number) => tf.slice(pictures, start, some),
    names: NAMES.slice(0, count),
  };
  const agree = ({
    title,
    about,
    pictures: shown,
    preference,
    preferenceWords,
    image,
    imageName,
    maps,
    mapsWords,
  }: State) => {
    if (image) {
      const at = NAMES.indexOf(imageName);
      assert.deepEqual(bytesOf(image), ink.subarray(at * 784, (at + 1) * 784), imageName);
      const { layer, low, high } = mapsWords;
      const rows = known.get(layer)![at]!;
      const bytes = bytesOf(maps);
      const places = bytes.length / 3;
      rows.flat().forEach((place, index) => {
        place.forEach((value, channel) => {
          const byte = (255 * (value - low)) / (high - low || 1);
          assert.ok(Math.abs(bytes[channel * places + index]! - byte) <= 1, `map ${channel} of ${layer}`);
        });
      });
    }
    if (!about) return;
    const { layer, channel, byActivation } = about;
    assert.equal(title, `What does *channel ${channel} of ${layer}* look for?`);
    const top = largest(layer, channel);
    byActivation.forEach(({ name, value, sample }: { name: string; value: number; sample: number }, place: number) => {
      close(value, top[sample]!, 1e-4, `${name} in channel ${channel} of ${layer}`);
      assert.equal(name, NAMES[sample]);
      assert.deepEqual(
        bytesOf(shown).subarray(place * 784, (place + 1) * 784),
        ink.subarray(sample * 784, (sample + 1) * 784),
      );
    });
    close(byActivation[0].value, Math.max(...top), 1e-4, "the strongest");
    if (!preference) return;
    const found = tf.tidy(() =>
      values(
        tf.tensor4d(
          Float32Array.from(bytesOf(preference), (byte) => byte / 255),
          [1, 28, 28, 1],
        ),
        layer,
      )[0]!.flat(),
    );
    const mean = found.reduce((sum, places) => sum + places[channel]!, 0) / found.length;
    close(Number(/mean activation ([^\s:]+)/.exec(preferenceWords)![1]), mean, 0.05, preferenceWords);
  };
  const actions = sequence(
    change({ channel: fc.nat(2), layer: fc.constantFrom(...layers) }),
    change({ channel: fc.nat(2), frame: fc.nat(9), source: fc.constantFrom("photo", "stream", "stream") }),
    change({ regularizers: fc.constantFrom("blur", "decay", "small norm") }),
    event("step", "halt", "prefer", "stop", "again"),
  );
  await fc.assert(
    fc.asyncProperty(actions, async (list) => {
      const self = seen(() => new UnitPage(digits, { data, layers, layer: "edges10", steps: 4, top: 3 }));
      const { widget, state } = self;
      try {
        const check = () => {
          if (state()) agree(state()!);
        };
        await turn();
        for (const action of list) await self.act(action, check);
        await widget.settled();
        // What was stopped is gone on with.
        for (let tries = 0; state()!["stopped"] !== null && tries < 9; tries++) {
          await self.act({ event: { event: "again" } }, check);
          await widget.settled();
        }
        await turn();
        check();
        const { about, layer, channel, mapsWords, source, frame, imageName, error, passError, mapsError } = state()!;
        assert.deepEqual([error, passError, mapsError], ["", "", ""]);
        assert.deepEqual([about.layer, about.channel, mapsWords.layer], [layer, channel, layer]);
        assert.equal(imageName, NAMES[source === "photo" ? 0 : frame]);
      } finally {
        widget.close();
      }
    }),
    { numRuns: 25 },
  );
});

/** A file of two pictures side by side, 8 × 8 each, and what is in the middle: each knows itself by its first pixel. */
async function twoPictures(): Promise<Uint8Array> {
  const pixels = Buffer.from(Array.from({ length: 3 * 16 * 8 }, (_, at) => (at * 7919) % 256));
  for (const [column, seed] of [
    [0, 3],
    [8, 4],
    [4, 5],
  ] as const)
    pixels[3 * column] = seed;
  return sharp(pixels, { raw: { width: 16, height: 8, channels: 3 } })
    .png()
    .toBuffer();
}

test("an explorer's words, output, map, activations and files are of one photo and one explanation", async () => {
  const photo = (seed: number) => {
    const tensor = tf.randomUniform([1, 8, 8, 3], 0, 1, "float32", seed) as tf.Tensor4D;
    const pixels = new Uint8ClampedArray(256).fill(seed);
    return { tensor, pixels, width: 8, height: 8, name: `${seed}`, dispose: () => tensor.dispose() };
  };
  const file = await twoPictures();
  const half = (left: number) => loadImage(file, colors.input, { region: { left, top: 0, width: 0.5, height: 1 } });
  const photos = [photo(1), photo(2), await half(0), await half(0.5), await loadImage(file, colors.input)];
  photos.forEach(({ pixels }, at) => void assert.equal(pixels[0], at + 1));
  const known = new Map<string, Promise<{ values: Float32Array }>>();
  const explained = (at: number, method: string, target: ClassTarget, parameters: object) => {
    const key = JSON.stringify([at, method, target, parameters]);
    // LRP shares out the biases unless told otherwise.
    const read = method === "lrp" ? { bias: "distribute", ...parameters } : parameters;
    const found =
      known.get(key) ??
      findMethod(method)(colors, read as never)(photos[at]!.tensor, { target }).then((result) => relevanceMap(result));
    known.set(key, found);
    return found;
  };
  const logits = photos.map(({ tensor }) => [...colors.predict(tensor).dataSync()]);
  /** By photo and channel. */
  const means = photos.map(({ tensor }) => [
    ...tf.tidy(() => tf.mean(colorEdges.predict(tensor) as tf.Tensor, [0, 1, 2]).dataSync()),
  ]);
  const targets = fc.oneof(
    fc.nat(2),
    fc.nat(2).map((not) => ({ not })),
  );
  const actions = sequence(
    change({ target: targets, method: fc.constantFrom("lrp", "sensitivity", "smoothgrad") }),
    change({ target: targets, activationLayer: fc.constantFrom("", "edges3", "out3") }),
    fc
      .constantFrom<JsonObject>({}, { gamma: 1 }, { bias: "ignore" })
      .map((parameters): Action => ({ set: { method: "lrp", parameters } })),
    event("stop", "source", "back"),
    fc.constantFrom("npy", "svg").map((format): Action => ({ event: { event: "file", format } })),
    fc.nat(1).map((at): Action => ({ event: { event: "show", at } })),
    fc.constant<Action>({ event: { event: "photo", name: "two.png", part: 0, parts: 1 } }),
    fc.constantFrom(0, 0.5).map((left): Action => ({ event: { event: "crop", left, top: 0, width: 0.5, height: 1 } })),
  );
  await fc.assert(
    fc.asyncProperty(actions, async (list) => {
      const self = seen(() => new Explorer(colors, photos[0]!));
      const { widget, state } = self;
      const shownAt = () => bytesOf(state()!["image"])[0]! - 1;
      const agree = () => {
        const { relevance, title, subtitle, output, remark, ends, classes, activationWords: words } = state() ?? {};
        if (title === undefined) return;
        const layer = state()!["activationLayer"];
        assert.equal(words?.layer ?? "", layer);
        if (layer === "edges3") {
          words.channels.forEach((channel: number, place: number) => {
            close(words.means[place], means[shownAt()]![channel]!, 1e-4, `mean of channel ${channel}`);
          });
        }
        if (!relevance) return;
        const [, not, name] = /^Why (not )?\*(\w+)\*\?$/.exec(title)!;
        const target = ["ant", "bee", "cat"].indexOf(name!);
        close(output, (not ? -1 : 1) * logits[shownAt()]![target]!, 1e-4, `output of ${title}`);
        assert.equal(remark === "", !/^LRP/.test(subtitle), `${subtitle}: ${remark}`);
        const { stopped, request, answered } = state()!;
        assert.ok(
          stopped === null || request === answered,
          "what was stopped is answered, what is asked anew is not stopped",
        );
        if (stopped === null && request === answered) {
          const { target: chosen, method } = state()!;
          assert.deepEqual(chosen, not ? { not: target } : target, "the settings are those of the picture");
          assert.ok(
            subtitle.startsWith(method === "lrp" ? "LRP" : (findMethod(method).short ?? findMethod(method).name)),
          );
        }
        assert.deepEqual(ends, not ? [`for ${name}`, `against ${name}`] : []);
        assert.equal(classes[0].logit, Math.max(...logits[shownAt()]!.map(Math.fround)));
      };
      /** What a file holds is what is seen when it is asked for. */
      const keep = async (format: string) => {
        const { title, relevance } = state() ?? {};
        const before = self.frontEnd.sent.length;
        await self.act({ event: { event: "file", format } }, () => {});
        const [sent] = self.frontEnd.sent.slice(before).filter(({ content }) => methodOf(content) === "custom");
        if (!relevance || sent === undefined || !title) return;
        const { name } = (sent.content["data"] as { content: { name: string } }).content;
        assert.ok(name.includes(title.replace(/\W+/g, "-").replace(/-$/, "").toLowerCase()), `${name} of ${title}`);
        if (format !== "npy") return;
        const bytes = bytesOf({ data: sent.buffers[0]! });
        assert.deepEqual([...parseNpy(name, bytes).values], [...floatsOf(relevance)]);
      };
      try {
        await turn();
        let at: number | undefined = 0;
        for (const action of [...list, { set: { target: 1 } } as Action]) {
          const given = "event" in action ? action.event["event"] : "";
          if (given === "show") {
            at = (action as { event: { at: number } }).event.at;
            void widget.show(photos[at]!);
          } else if (given === "photo") {
            at = 4;
            await self.act(action, agree, file);
          } else if (given === "crop") {
            // Which file it is a part of, the photos say that have come by then.
            at = undefined;
            await self.act(action, agree);
          } else if (given === "file") await keep((action as { event: { format: string } }).event.format);
          else if ("set" in action && !("activationLayer" in action.set)) {
            const request = (state()!["request"] as number) + 1;
            await self.act({ set: { ...action.set, request } }, agree);
          } else await self.act(action, agree);
        }
        await widget.settled();
        await turn();
        agree();
        if (at !== undefined) assert.equal(shownAt(), at, "the last photo that was given is shown");
        const { method, parameters, relevance, answered, request, target, subtitle } = state()!;
        assert.equal(answered, request);
        assert.ok(
          subtitle.startsWith(method === "lrp" ? "LRP" : (findMethod(method).short ?? findMethod(method).name)),
        );
        const { values } = await explained(shownAt(), method, target, parameters);
        floatsOf(relevance).forEach((value, place) => void close(value, values[place]!, 1e-4, `${method} at ${place}`));
      } finally {
        widget.close();
      }
    }),
    { numRuns: SEQUENCES },
  );
});

test("a drawn digit's words, bars and map are of one drawing under one rule", async () => {
  const drawings = [0, 1, 2].map((seed) =>
    Uint8Array.from({ length: 784 }, (_, at) => (seed === 0 ? 0 : (at * 7919 * seed) % 256)),
  );
  const shades = drawings.map((bytes) => {
    const pixels = new Uint8Array(784);
    bytes.forEach((byte, at) => void pixels.fill(255 - 0.4 * byte, at, at + 1));
    return pixels.join();
  });
  const wishes = new Map<number, Promise<Uint8Array>>();
  const signal = new AbortController().signal;
  const wish = (target: number) => {
    const found = wishes.get(target) ?? digitPrototype(digits, target, { decoder: undefined, signal });
    wishes.set(target, found);
    return found;
  };
  const actions = sequence(
    fc.nat(2).map((at): Action => ({ event: { event: "draw", at } })),
    change({ target: fc.integer({ min: -1, max: 9 }), rule: fc.constantFrom("epsilon", "gamma", "alphaBeta") }),
    change({ epsilon: fc.constantFrom(0.01, 1), gamma: fc.constantFrom(0, 0.5), alpha: fc.constantFrom(1, 2) }),
  );
  await fc.assert(
    fc.asyncProperty(actions, async (list) => {
      const self = seen(() => new DrawDigit(digits));
      const { widget, state } = self;
      const agree = async () => {
        const now = { ...(state() as State) };
        const { image, title, classes, explained, output, total, subtitle, relevance, prototype } = now;
        if (!relevance) {
          assert.deepEqual([title, classes, explained, image, prototype], ["Draw a digit", [], -1, null, null]);
          return;
        }
        const at = shades.indexOf(
          bytesOf(image)
            .filter((_, place) => place % 4 === 0)
            .join(),
        );
        assert.match(title, new RegExp(`\\*${NAMES[explained]}\\*`));
        const [, sign, parameter] = /^LRP-(ε|γ|αβ), . = ([\d.]+)/.exec(subtitle)!;
        const value = Number(parameter);
        const rule = ({ ε: "epsilon", γ: "gamma", αβ: "alphaBeta" } as const)[sign as "ε" | "γ" | "αβ"];
        const settings = { target: explained, rule, epsilon: value, gamma: value, alpha: Math.max(1, value) };
        const { result, scores } = await explainDigit(digits, drawings[at]!, settings);
        close(output, result.output[0]!, 1e-4, `output of ${title}`);
        close(
          total,
          relevanceMap(result).values.reduce((sum, entry) => sum + entry, 0),
          1e-3,
          `sum of ${subtitle}`,
        );
        for (const { index, logit } of classes)
          close(logit, scores.find((score) => score.index === index)!.logit, 1e-4, "bar");
        if (prototype) assert.deepEqual(bytesOf(prototype), await wish(explained));
      };
      try {
        await turn();
        for (const action of list) {
          if ("event" in action) void widget.draw(drawings[action.event["at"] as number]!);
          else await self.act(action, agree);
        }
        await widget.settled();
        await turn();
        await agree();
        const { target, explained, rule, subtitle, relevance } = state()!;
        if (relevance && target >= 0) assert.equal(explained, target);
        if (relevance)
          assert.ok(subtitle.startsWith({ epsilon: "LRP-ε", gamma: "LRP-γ", alphaBeta: "LRP-αβ" }[rule as "gamma"]));
      } finally {
        widget.close();
      }
    }),
    { numRuns: SEQUENCES },
  );
});

test("the words over shattered gradients are of the net whose curves are shown", async () => {
  const scans = new Map<string, number[]>();
  const output = (settings: Parameters<typeof scanRandomNet>[0]) => {
    const key = JSON.stringify(settings);
    const found = scans.get(key) ?? [...scanRandomNet(settings).curves.output];
    scans.set(key, found);
    return found;
  };
  const actions = sequence(
    change({ architecture: fc.constantFrom("plain", "batch-norm", "residual"), depth: fc.integer({ min: 1, max: 3 }) }),
    change({
      seed: fc.integer({ min: 1, max: 2 }),
      interval: fc.constantFrom("unit", "symmetric"),
      width: fc.constantFrom(3, 5),
    }),
    change({ beta: fc.constantFrom(0.1, 1), playing: fc.constantFrom(false, true) }),
    event("count"),
  );
  await fc.assert(
    fc.asyncProperty(actions, async (list) => {
      const self = seen(() => new ShatteredGradients({ depth: 2, width: 3 }));
      const { widget, state } = self;
      const agree = () => {
        const { curves, correlations, net, subtitle, drawn } = state() ?? {};
        if (!curves) return;
        const [, depth, label, , beta, seed] = /^(\d+) layers? · ([a-z -]+?)( β ([\d.]+))? · seed (\d+)$/.exec(net)!;
        const [, width, interval] = /width (\d+), \d+ points of \[(0|−2)/.exec(subtitle)!;
        assert.equal(label, drawn.replace("batch-norm", "batch norm"));
        const expected = output({
          architecture: drawn,
          depth: Number(depth),
          width: Number(width),
          beta: Number(beta ?? 0.1),
          seed: Number(seed),
          gamma: 0.25,
          interval: interval === "0" ? "unit" : "symmetric",
        } as never);
        const shown = floatsOf(curves).subarray(POINTS, 2 * POINTS);
        shown.forEach((value, at) => void close(value, expected[at]!, 1e-4, `${net} at ${at}`));
        assert.equal(correlations.shape[0], correlationRows.length);
      };
      try {
        await turn();
        for (const action of list) await self.act(action, agree);
        widget.playing = false;
        await widget.settled();
        await turn();
        agree();
        const { net, depth, seed, width, subtitle, architecture, drawn } = state()!;
        assert.ok(
          net.startsWith(`${depth} layer`) && net.endsWith(`seed ${seed}`) && subtitle.includes(`width ${width},`),
        );
        assert.equal(drawn, architecture);
      } finally {
        widget.close();
      }
    }),
    { numRuns: SEQUENCES },
  );
});
