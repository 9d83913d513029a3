import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Client, startKernel, typeOf } from "../helpers/kernel.js";

let kernel: Client;
before(async () => {
  kernel = await startKernel();
});
after(() => kernel.stop());

test("kernel_info describes the language and claims no debugger", async () => {
  const info = await kernel.request("kernel_info_request");
  const language = info["language_info"] as Record<string, unknown>;
  assert.equal(info["status"], "ok");
  assert.equal(info["protocol_version"], "5.3");
  assert.deepEqual([language["name"], language["file_extension"]], ["typescript", ".ts"]);
  assert.equal(info["debugger"], false);
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
  ]) {
    assert.equal(await status(open), "incomplete", open);
  }
  for (const wrong of ["const = 1", "f(]", "}", "let x = 'open"]) assert.equal(await status(wrong), "invalid", wrong);
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

test("an unknown request is answered by an error", async () => {
  const reply = await kernel.request("no_such_request");
  assert.equal(reply["status"], "error");
  assert.match(String(reply["evalue"]), /no_such_request/);
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
