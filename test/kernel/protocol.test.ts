import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type JsonFrames, makeHeader } from "../../src/kernel/server/wire.js";
import { type Client, startKernel, typeOf } from "../helpers/kernel.js";

let kernel: Client;
before(async () => {
  kernel = await startKernel();
});
after(() => kernel.stop());

test("kernel_info describes the language and says that it can be debugged", async () => {
  const info = await kernel.request("kernel_info_request");
  const language = info["language_info"] as Record<string, unknown>;
  assert.equal(info["status"], "ok");
  assert.equal(info["protocol_version"], "5.3");
  assert.deepEqual([language["name"], language["file_extension"]], ["typescript", ".ts"]);
  assert.deepEqual([info["debugger"], info["supported_features"]], [true, ["debugger"]]);
});

test("a message with a wrong signature is dropped and logged, and the kernel stays up", async () => {
  const code = "console.log('must not run')";
  const forged = await kernel.send("shell", "execute_request", { code }, { key: "another key" });
  assert.equal(await kernel.evaluate("'up'"), "'up'");
  assert.deepEqual(kernel.published(forged), []);
  assert.match(kernel.log(), /dropped a message on shell: wrong HMAC signature/);
});

test("a message that nests too deep is dropped and logged, and the kernel stays up", async () => {
  const header = JSON.stringify({ msg_id: "deep", msg_type: "comm_msg" });
  for (const depth of [1000, 10_000, 100_000]) {
    const deep = `{"x":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    await kernel.sendFrames("shell", [header, "{}", "{}", deep]);
    await kernel.sendFrames("shell", [header, "{}", deep, "{}"]);
    await kernel.sendFrames("shell", [`${header.slice(0, -1)},${deep.slice(1)}`, "{}", "{}", "{}"]);
    assert.equal(await kernel.evaluate("'up'"), "'up'");
  }
  assert.equal(kernel.log().match(/dropped a message on shell: a JSON frame nests/g)?.length, 9);
});

test("outputs come in order: input, streams, display, result", async () => {
  const { published } = await kernel.execute(`
    import * as tslab from "tslab";
    console.log("one"); tslab.display.html("<b>two</b>"); process.stderr.write("three"); "four"`);
  assert.deepEqual(published.map(typeOf), ["execute_input", "stream", "display_data", "stream", "execute_result"]);
  assert.deepEqual(published[2]?.content["data"], { "text/html": "<b>two</b>" });
});

test("tslab's displays are replaced in place", async () => {
  const { published } = await kernel.execute(`
    import { newDisplay } from "tslab";
    const shown = newDisplay(); shown.text("a"); shown.text("b");`);
  const [first, second] = published.slice(1);
  assert.deepEqual([typeOf(first!), typeOf(second!)], ["display_data", "update_display_data"]);
  assert.deepEqual(first?.content["transient"], second?.content["transient"]);
});

test("objects with Jupyter.display decide how they look, also asynchronously or by displaying themselves", async () => {
  const show = (body: string) => kernel.execute(`({ [Symbol.for("Jupyter.display")]${body} })`);
  assert.deepEqual((await show('() { return { "text/html": "<i>" } }')).data, { "text/html": "<i>" });
  assert.deepEqual((await show(': async () => ({ "text/plain": "later" })')).data, { "text/plain": "later" });
  const own = await show(
    '() { (globalThis as any)[Symbol.for("limpid.host")].display({ "text/plain": "self" }, { displayId: "d" }) }',
  );
  assert.equal(own.data, undefined);
  const display = own.published.find((m) => typeOf(m) === "display_data");
  assert.deepEqual(display?.content, { data: { "text/plain": "self" }, metadata: {}, transient: { display_id: "d" } });
});

test("tensors show shape and type, small ones their values; images and elements show as such", async () => {
  await kernel.evaluate('import * as tf from "@tensorflow/tfjs-node"');
  const small = await kernel.evaluate("tf.tensor2d([[1, 2], [3, 4]])");
  assert.match(small ?? "", /^Tensor float32 \[2, 2\]\n\s+\[\[1, 2\],\n\s+\[3, 4\]\]$/);
  assert.equal(await kernel.evaluate("tf.zeros([1, 224, 224, 3])"), "Tensor float32 [1, 224, 224, 3], 150528 values");
  const png = await kernel.execute("Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)");
  assert.equal(png.data?.["image/png"], "iVBORw0KGgo=");
  assert.equal((await kernel.execute("({ outerHTML: '<p>hi</p>' })")).data?.["text/html"], "<p>hi</p>");
});

test("a text that is an SVG picture shows as one; addresses, timers and streams are short", async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="4"/></svg>';
  const { data } = await kernel.execute(`\`<?xml version="1.0"?>\\n${svg}\\n\``);
  assert.equal(data?.["image/svg+xml"], `<?xml version="1.0"?>\n${svg}\n`);
  assert.match(String(data?.["text/plain"]), /^'<\?xml/);
  for (const text of [`${svg}!`, "<svg", "an <svg></svg>"])
    assert.deepEqual(Object.keys((await kernel.execute(JSON.stringify(text))).data!), ["text/plain"]);
  assert.equal(await kernel.evaluate('new URL("https://example.org/a?b=1")'), "URL https://example.org/a?b=1");
  const timer = await kernel.evaluate("const timer = setTimeout(() => {}, 5); timer");
  assert.match(timer!, /^Timeout/);
  const stream = await kernel.evaluate('import { Readable } from "node:stream"; Readable.from([1])');
  assert.match(stream!, /^Readable \{/);
  assert.ok(Math.max(timer!.length, stream!.length) < 1000, `${timer}\n${stream}`);
});

test("output of a callback belongs to the cell that started it", async () => {
  const id = await kernel.executeRequest("setTimeout(() => console.log('from the first'), 150)");
  await kernel.executed(id);
  const { stdout } = await kernel.execute("await new Promise((r) => setTimeout(r, 300)); console.log('second')");
  assert.equal(stdout, "second\n");
  assert.ok(kernel.published(id).some((m) => m.content["text"] === "from the first\n"));
});

test("silent requests publish nothing and are not counted; unstored ones publish but are not counted", async () => {
  const count = Number((await kernel.execute("0")).reply["execution_count"]);
  const silent = await kernel.execute("console.log('s'); 1", { silent: true });
  assert.deepEqual(silent.published, []);
  const unstored = await kernel.execute("'u'", { store_history: false });
  assert.equal(unstored.result, "'u'");
  assert.equal((await kernel.execute("0")).reply["execution_count"], count + 1);
});

test("user expressions see the cell's variables and report their own errors", async () => {
  const { reply } = await kernel.execute("const ue = 20", { user_expressions: { twice: "ue * 2", bad: "nope" } });
  const { twice, bad } = reply["user_expressions"] as Record<string, Record<string, unknown>>;
  assert.deepEqual(twice, { status: "ok", data: { "text/plain": "40" }, metadata: {} });
  assert.equal(bad?.["ename"], "TypeError (TS2304)");
});

test("input asks the front end that runs the cell; without stdin it is refused", async () => {
  const id = await kernel.executeRequest("const answer = await input('Name? '); answer.toUpperCase()", {
    allow_stdin: true,
  });
  const asked = await kernel.until(
    () => kernel.received.stdin.find((m) => m.parentHeader["msg_id"] === id),
    "the question",
  );
  assert.deepEqual(asked.content, { prompt: "Name? ", password: false });
  await kernel.send("stdin", "input_reply", { value: "ada" }, { parent: asked.header });
  assert.equal((await kernel.executed(id)).result, "'ADA'");
  assert.equal((await kernel.execute("await input('x')")).reply["ename"], "StdinNotAllowedError");
});

test("completion knows earlier cells, members and code points", async () => {
  await kernel.evaluate("const relevanceMap = { positive: 1, negative: -1 };");
  const complete = (code: string, cursor_pos = Array.from(code).length) =>
    kernel.request("complete_request", { code, cursor_pos });
  assert.deepEqual((await complete("relevanceM"))["matches"], ["relevanceMap"]);
  const members = await complete("'🦜'; relevanceMap.pos");
  assert.deepEqual(members["matches"], ["positive"]);
  assert.deepEqual([members["cursor_start"], members["cursor_end"]], [18, 21]);
  // The draft leaves no trace.
  assert.equal((await kernel.execute("relevanceM")).reply["ename"], "TypeError (TS2552)");
  assert.ok(((await complete("rele", 2))["matches"] as string[]).includes("relevanceMap"));
  // A module's name is replaced whole, hyphens included.
  const folder = join(kernel.folder, "node_modules", "with-hyphens");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{"name": "with-hyphens", "version": "1.0.0", "main": "index.js"}');
  writeFileSync(join(folder, "index.js"), "exports.one = 1;");
  const module = await complete('import {  } from "with-hy', 25);
  assert.deepEqual(module["matches"], ["with-hyphens"]);
  assert.deepEqual([module["cursor_start"], module["cursor_end"]], [18, 25]);
});

test("paths, this package's modules and what running values hold are completed, and no getter is called", async () => {
  const complete = async (code: string) =>
    (await kernel.request("complete_request", { code, cursor_pos: code.length }))["matches"] as string[];
  writeFileSync(join(kernel.folder, "numbers-of-mine.csv"), "");
  assert.deepEqual(await complete("readFileSync('./numbers"), ["./numbers-of-mine.csv"]);
  assert.ok((await complete("import { lrp } from 'limp")).includes("limpid"));
  assert.ok((await complete("process.env.PAT")).includes("PATH"));
  await kernel.evaluate(
    "let asked = 0; const loose: any = { first: { second: 1 }, get third() { asked++; return { no: 1 } } }; const veiled: any = new Proxy({}, { ownKeys() { asked++; return [] } });",
  );
  assert.deepEqual((await complete("loose.")).sort(), ["first", "third"]);
  assert.deepEqual(await complete("1 + loose.first?.se"), ["second"]);
  assert.deepEqual(await complete("loose.third."), []);
  assert.deepEqual(await complete("veiled."), []);
  assert.equal(await kernel.evaluate("asked"), "0");
  await kernel.evaluate(
    "const turn: 'left' | 'right' = 'left'; function go(where: 'left' | 'right'): void { void where }",
  );
  assert.deepEqual(await complete("go('l"), ["left"]);
});

test("names are completed in a text that is not closed yet: methods, composites, classes and layers of the model beside it", async () => {
  await kernel.evaluate(`import { compare, Explorer, loadImage, loadModel, lrp } from "limpid";
const classNames = ["espresso", "espresso maker", "jack-o'-lantern", "tabby, tabby cat", "4", "5", "6", "7", "8", "9"];
const model = await loadModel("mnist-cnn", { classNames });
const decoy = await loadModel((x) => x, { input: { shape: [2] }, classNames: ["espalier", "estuary"] });
const photo = await loadImage("coffee.png", model.input);`);
  const matches = async (code: string) => {
    const completed = await kernel.request("complete_request", { code, cursor_pos: code.length });
    const replaced = code.slice(Number(completed["cursor_start"]), Number(completed["cursor_end"]));
    return [replaced, completed["matches"] as string[]] as const;
  };
  const integ = ["integ", ["integrated-gradients"]] as const;
  const esp = ["espr", ["espresso", "espresso maker"]] as const;
  assert.deepEqual(await matches('new Explorer(model, photo, { method: "integ'), integ);
  assert.deepEqual(await matches('compare(model, photo, ["lrp", "integ'), integ);
  assert.deepEqual(await matches('compare(model, photo, [{ method: "integ'), integ);
  const [, composites] = await matches('lrp(model, { composite: "eps');
  assert.deepEqual(composites.slice(0, 2), ["epsilon-gamma-box", "epsilon-plus"]);
  assert.deepEqual(await matches('compare(model, photo, ["lrp"], { target: "espr'), esp);
  assert.deepEqual(await matches('new Explorer(model, photo, { target: { not: "espr'), esp);
  assert.deepEqual(await matches('const explained = await lrp(model)(photo.tensor, { target: ["tabby", "espr'), esp);
  assert.deepEqual(await matches('model.target = "espr'), esp);
  assert.deepEqual((await matches('lrp(decoy)(photo.tensor, { target: "es'))[1], ["espalier", "estuary"]);
  // With no model beside it, it may be any.
  assert.deepEqual((await matches('explain(photo.tensor, { target: "es'))[1].length, 4);
  // Names hold commas and quotes.
  assert.deepEqual((await matches("lrp(model)(photo.tensor, { target: 'cat"))[1], ["tabby, tabby cat"]);
  assert.deepEqual((await matches("lrp(model)(photo.tensor, { target: 'jack"))[1], ["jack-o\\'-lantern"]);
  assert.ok((await matches('lrp(model, { layer: "conv'))[1].includes("conv1"));
  assert.deepEqual((await matches('loadModel("eff'))[1], ["efficientnet-lite0"]);
  assert.deepEqual((await matches('loadImage("cof'))[1], ["coffee.png"]);
  // A text that is closed is replaced whole; lines behind an open one stay.
  const closed = await kernel.request("complete_request", { code: 'lrp(model, { composite: "eps" })', cursor_pos: 28 });
  assert.deepEqual([closed["cursor_start"], closed["cursor_end"]], [25, 28]);
  const lines = 'lrp(model)(photo.tensor, { target: "espr\nconst later = 1;';
  const open = await kernel.request("complete_request", { code: lines, cursor_pos: 40 });
  assert.deepEqual([open["cursor_start"], open["cursor_end"], open["matches"]], [36, 40, esp[1]]);
  // A text of another meaning has none of them.
  assert.deepEqual((await matches('console.log("espr'))[1], []);
});

test("inspection gives types, documentation, and the signature of the call around the cursor", async () => {
  await kernel.evaluate("/** Adds one. */\nfunction plusOne(x: number): number { return x + 1 }");
  const inspect = (code: string, cursor_pos = code.length) =>
    kernel.request("inspect_request", { code, cursor_pos, detail_level: 0 });
  const named = await inspect("plusOne");
  const text = (named["data"] as Record<string, string>)["text/plain"];
  assert.equal(text, "function plusOne(x: number): number\n\nAdds one.");
  assert.match(
    String(((await inspect("plusOne( )", 9))["data"] as Record<string, string>)["text/plain"]),
    /plusOne\(x: number\)/,
  );
  await kernel.evaluate(
    [
      "/**",
      " * Halves.",
      " *",
      " * @param x What is halved.",
      " * @returns half of it",
      " * @throws RangeError for odd numbers",
      " * @example",
      " * const one = halve(2);",
      " * halve(one);",
      " */",
      "function halve(x: number): number { return x / 2 }",
    ].join("\n"),
  );
  const tagged = (await inspect("halve"))["data"] as Record<string, string>;
  const words = "Halves.\n\n- `x`: What is halved.\n\nReturns half of it\n\nThrows RangeError for odd numbers\n\n";
  const signature = "function halve(x: number): number";
  const example = "const one = halve(2);\nhalve(one);";
  assert.equal(tagged["text/plain"], `${signature}\n\n${words}${example}`);
  const fenced = (code: string) => `\`\`\`typescript\n${code}\n\`\`\``;
  assert.equal(tagged["text/markdown"], `${fenced(signature)}\n\n${words}${fenced(example)}`);
  assert.equal((await inspect("   "))["found"], false);
  assert.equal((await inspect("nobodyDeclaredThis"))["found"], false);
});

test("`name?` shows what a name is", async () => {
  const { reply } = await kernel.execute("plusOne?");
  const [page] = reply["payload"] as { source: string; data: Record<string, string> }[];
  assert.equal(page?.source, "page");
  assert.match(page?.data["text/plain"] ?? "", /Adds one/);
});

test("is_complete tells open code from wrong code", async () => {
  const status = async (code: string) => (await kernel.request("is_complete_request", { code }))["status"];
  assert.equal(await status("const a = 1"), "complete");
  for (const open of [
    "for (;;) {",
    "f(1,",
    "const s = `a\n",
    "/* comment",
    "if (a)",
    "class A {\n  x = 1;",
    "const x =",
    "export",
    "await",
    "[...",
    "...",
    "function f()",
    "function f(a: string): void;\nfunction f(a: any)",
  ]) {
    assert.equal(await status(open), "incomplete", open);
  }
  for (const whole of [
    "Math?",
    "?Math.max",
    "function f(): void;\nfunction f() {}",
    "declare function f(): void",
    "await 1",
  ]) {
    assert.equal(await status(whole), "complete", whole);
  }
  for (const wrong of ["const = 1", "f(]", "}", "let x = 'open", "1e"])
    assert.equal(await status(wrong), "invalid", wrong);
  const { indent } = await kernel.request("is_complete_request", { code: "if (a) {\n  for (;;) {" });
  assert.equal(indent, "    ");
});

test("history by tail, range and pattern", async () => {
  await kernel.evaluate("const h1 = 'needle 1'");
  const { reply } = await kernel.execute("'needle 2'");
  const line = Number(reply["execution_count"]);
  const history = async (content: object) =>
    (await kernel.request("history_request", { raw: true, output: false, ...content }))["history"];
  assert.deepEqual(await history({ hist_access_type: "tail", n: 2 }), [
    [0, line - 1, "const h1 = 'needle 1'"],
    [0, line, "'needle 2'"],
  ]);
  assert.deepEqual(await history({ hist_access_type: "tail", n: 1, output: true }), [
    [0, line, ["'needle 2'", "'needle 2'"]],
  ]);
  assert.deepEqual(await history({ hist_access_type: "range", session: 0, start: line, stop: line + 1 }), [
    [0, line, "'needle 2'"],
  ]);
  assert.equal(((await history({ hist_access_type: "search", pattern: "*needle ?'", n: 10 })) as unknown[]).length, 2);
});

test("history outlives its session, and is searched, of whatever its file holds", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "limpid-history-")), "state", "history.jsonl");
  const first = await startKernel({ history: file });
  const typed = { allow_stdin: true };
  await first.execute("const a1 = 'needle';", typed);
  await first.execute("1 + 1", { ...typed, store_history: false });
  await first.execute("a1 + '\\n'", typed);
  await first.execute("'run by a program'");
  await first.until(
    () => (existsSync(file) && readFileSync(file, "utf8").trim().split("\n").length === 2) || undefined,
    "the file",
  );
  await first.stop();
  assert.equal(statSync(file).mode & 0o077, 0, "only its owner reads it");
  appendFileSync(file, "cut sho");
  const second = await startKernel({ history: file });
  await second.evaluate("2");
  const rows = async (content: object) =>
    (await second.request("history_request", { raw: true, output: false, ...content }))["history"] as [
      number,
      number,
      string,
    ][];
  const tail = await rows({ hist_access_type: "tail", n: 10 });
  assert.deepEqual(
    tail.map(([, line, source]) => [line, source]),
    [
      [1, "const a1 = 'needle';"],
      [2, "a1 + '\\n'"],
      [1, "2"],
    ],
  );
  assert.ok(tail[0]![0] > 0 && tail[0]![0] === tail[1]![0] && tail[2]![0] === 0);
  assert.deepEqual(await rows({ hist_access_type: "search", pattern: "*needle*" }), [tail[0]]);
  assert.deepEqual(await rows({ hist_access_type: "range", session: -1, start: 2, stop: 3 }), [tail[1]]);
  assert.deepEqual(await rows({ hist_access_type: "range", session: tail[0]![0], start: 1, stop: 2 }), [tail[0]]);
  assert.deepEqual(await rows({ hist_access_type: "range", session: 0 }), [tail[2]]);
  await second.stop();
});

test("an unknown request is answered by an error", async () => {
  const reply = await kernel.request("no_such_request");
  assert.equal(reply["status"], "error");
  assert.match(String(reply["evalue"]), /no_such_request/);
});

test("the control channel answers what it knows, and refuses the rest by name", async () => {
  const { shell_port: shell, hb_port: heartbeat } = await kernel.request("connect_request", {}, "control");
  assert.ok(Number.isInteger(shell) && Number.isInteger(heartbeat) && shell !== heartbeat);
  assert.equal((await kernel.request("connect_request"))["shell_port"], shell);
  const refused = await kernel.request("no_such_request", {}, "control");
  assert.equal(refused["status"], "error");
  assert.match(String(refused["evalue"]), /control channel.*no_such_request/);
});

test("a message that comes again with its signature is not taken again", async () => {
  await kernel.evaluate("let replayed = 0;");
  const content = {
    code: "replayed += 1",
    silent: false,
    store_history: true,
    user_expressions: {},
    allow_stdin: false,
    stop_on_error: true,
  };
  const header = { ...makeHeader("execute_request", "replayed") };
  const json = [header, {}, {}, content].map((part) => JSON.stringify(part)) as JsonFrames;
  for (let time = 0; time < 3; time += 1) await kernel.sendFrames("shell", json);
  assert.equal(await kernel.evaluate("replayed"), "1");
  assert.match(kernel.log(), /signature has come before/);
});

test("shutdown ends the process with code 0, also in an endless loop", async () => {
  const other = await startKernel();
  await other.evaluate("0");
  assert.equal(await other.stop(), 0);
  const busy = await startKernel();
  const id = await busy.executeRequest("console.log('on'); for (;;) { try { while (true); } catch {} }");
  await busy.until(() => busy.published(id).find((m) => m.content["name"] === "stdout"), "the loop");
  const start = performance.now();
  await busy.stop();
  assert.ok(performance.now() - start < 4000);
});
