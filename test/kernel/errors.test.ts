import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Client, plain, startKernel, typeOf } from "../helpers/kernel.js";

let kernel: Client;
before(async () => {
  kernel = await startKernel();
});
after(() => kernel.stop());

async function failing(code: string) {
  const { reply, published } = await kernel.execute(code);
  assert.equal(reply["status"], "error");
  const sent = published.find((m) => typeOf(m) === "error");
  assert.deepEqual(sent?.content["traceback"], reply["traceback"]);
  const { ename, evalue, execution_count: count } = reply;
  return { ename, evalue, count: Number(count), text: plain(reply) };
}

test("a runtime error names the cells and lines it went through", async () => {
  await kernel.evaluate("function boom(o: any) {\n  const before: number = 1;\n  return o.z.y;\n}");
  const { ename, evalue, count, text } = await failing("type T = number;\n// second line\nboom({} as any);");
  assert.equal(ename, "TypeError");
  assert.equal(evalue, "Cannot read properties of undefined (reading 'y')");
  assert.match(text, new RegExp(`at boom \\(Cell In\\[${count - 1}\\], line 3:14\\)`));
  assert.match(text, new RegExp(`at Cell In\\[${count}\\], line 3:1\\b`));
  assert.match(text, />\s+3\s+return o\.z\.y;\n\s+\^/);
  assert.doesNotMatch(text, /node:internal|__v_|src\/kernel/);
});

test("errors thrown after an await keep their line", async () => {
  const { count, text } = await failing(
    "async function late() {\n  await null;\n  throw new RangeError('r');\n}\n\nawait (late());",
  );
  assert.match(text, new RegExp(`at late \\(Cell In\\[${count}\\], line 3:9\\)`));
  assert.match(text, new RegExp(`at async Cell In\\[${count}\\], line 6:1\\b`));
});

test("messages of the engine use the names the user wrote", async () => {
  await kernel.evaluate("let notFunction: any = 5; const model: any = {};");
  assert.equal((await failing("notFunction()")).evalue, "notFunction is not a function");
  assert.equal((await failing("model.predict(1)")).evalue, "model.predict is not a function");
});

test("all type errors of a cell are reported, each with its place, and nothing of it runs", async () => {
  const { ename, evalue, count, text } = await failing(
    "console.log('ran');\nconst s: string = 5;\n\nlet t: number = undefinedName;",
  );
  assert.equal(ename, "TypeError (TS2322)");
  assert.equal(evalue, "Type 'number' is not assignable to type 'string'.");
  assert.match(text, new RegExp(`Cell In\\[${count}\\], line 2:7 - TypeError \\(TS2322\\)`));
  assert.match(text, new RegExp(`Cell In\\[${count}\\], line 4:17 - TypeError \\(TS2552\\)`));
  assert.match(text, /let t: number = undefinedName;\n\s+~{13}$/);
  assert.equal((await kernel.execute("s")).reply["ename"], "TypeError (TS2304)");
});

test("syntax errors are called so", async () => {
  const { ename } = await failing("const = 5");
  assert.match(String(ename), /^SyntaxError \(TS1\d\d\d\)$/);
});

test("a package whose own import fails says which, at the cell's line, and what to do", async () => {
  await kernel.evaluate(`
    import { mkdirSync, writeFileSync } from "node:fs";
    mkdirSync("node_modules/outer", { recursive: true });
    writeFileSync("node_modules/outer/package.json", '{"name": "outer", "type": "module", "exports": "./i.js"}');
    writeFileSync("node_modules/outer/i.js", 'import "inner-package"');`);
  const { ename, evalue, count, text } = await failing("const first = 1;\nimport * as outer from 'outer';\nouter");
  assert.equal(ename, "Error");
  assert.match(String(evalue), /Cannot find package 'inner-package'.*restart the kernel/);
  assert.match(text, new RegExp(`Cell In\\[${count}\\], line 2\\n`));
});

test("anything can be thrown; causes and parts are shown", async () => {
  assert.deepEqual(
    [(await failing("throw 'text'")).evalue, (await failing("throw { a: 1 }")).evalue],
    ["text", "{ a: 1 }"],
  );
  assert.match(
    (await failing("throw new Error('outer', { cause: new Error('inner') })")).text,
    /\[cause\]: Error: inner/,
  );
  assert.match(
    (await failing("await Promise.any([Promise.reject(new Error('part'))])")).text,
    /\[errors\]\[0\]: Error: part/,
  );
});

test("process.exit is refused and the variables stay", async () => {
  await kernel.evaluate("const stays = 1");
  const { ename, evalue } = await failing("process.exit(3)");
  assert.equal(ename, "ProcessExitError");
  assert.match(String(evalue), /would end the kernel/);
  assert.equal(await kernel.evaluate("stays"), "1");
});

test("errors nobody catches are printed in the cell that caused them, and the kernel goes on", async () => {
  const id = await kernel.executeRequest(
    "setTimeout(() => { throw new Error('in a timer') }, 20); Promise.reject(new Error('rejected')); 1",
  );
  await kernel.executed(id);
  await kernel.evaluate("'another cell'");
  const stderr = () =>
    kernel
      .published(id)
      .map((m) => m.content["text"] ?? "")
      .join("");
  await kernel.until(
    () => (/in a timer/.test(stderr()) && /rejected/.test(stderr()) ? true : undefined),
    "both errors",
  );
  assert.match(stderr(), /at Timeout\._onTimeout \(Cell In\[\d+\], line 1:/);
});

test("a library's listeners for uncaught errors cannot end the kernel", async () => {
  await kernel.evaluate(`
    process.on("unhandledRejection", (reason) => { throw reason });
    process.on("uncaughtException", (error) => { throw error });`);
  await kernel.evaluate(
    "Promise.reject(new Error('fatal?')); setTimeout(() => { throw new Error('fatal?') }, 1); await new Promise((r) => setTimeout(r, 50))",
  );
  assert.equal(await kernel.evaluate("'alive'"), "'alive'");
});

test("an error stops the cells that were queued behind it, and only those", async () => {
  const ids = [await kernel.executeRequest("await new Promise((r) => setTimeout(r, 300)); throw new Error('stop')")];
  for (const code of ["'second'", "'third'"]) ids.push(await kernel.executeRequest(code));
  const [first, second, third] = await Promise.all(ids.map((id) => kernel.executed(id)));
  assert.deepEqual(
    [first, second, third].map((r) => r?.reply["status"]),
    ["error", "aborted", "aborted"],
  );
  assert.equal(await kernel.evaluate("'later'"), "'later'");

  const lenient = [
    await kernel.executeRequest("await new Promise((r) => setTimeout(r, 100)); throw new Error('go on')", {
      stop_on_error: false,
    }),
  ];
  lenient.push(await kernel.executeRequest("'runs'"));
  const [, runs] = await Promise.all(lenient.map((id) => kernel.executed(id)));
  assert.equal(runs?.result, "'runs'");
});

test("whatever is thrown is shown, also what throws when it is looked at, and the kernel goes on", async () => {
  const failure = "{ throw new Error('not to be read') }";
  for (const code of [
    `const e: any = new Error('x'); e.name = { toString() ${failure} }; throw e`,
    `const e: any = new Error('x'); e.name = Object.create(null); throw e`,
    `const e = new Error('x'); Object.defineProperty(e, 'message', { get() ${failure} }); throw e`,
    `const e = new Error('x'); Object.defineProperty(e, 'stack', { get() ${failure} }); throw e`,
    `const e: any = new Error('x'); e.cause = { get [Symbol.toStringTag]() ${failure} }; throw e`,
    `const e: any = new Error('x'); e.cause = { [Symbol.for('nodejs.util.inspect.custom')]() ${failure} }; throw e`,
    `throw { get [Symbol.toStringTag]() ${failure} }`,
    `throw { [Symbol.for('nodejs.util.inspect.custom')]() ${failure} }`,
    "throw new Proxy({}, { getPrototypeOf() { throw 1 } })",
    "const e: any = new AggregateError([1]); e.errors = null; throw e",
  ]) {
    const { ename, evalue } = await failing(code);
    assert.ok(ename, code);
    assert.doesNotMatch(`${ename} ${evalue}`, /undefined|\[object/, code);
    if (/^throw \{/.test(code)) {
      assert.equal(ename, "Thrown", code);
      // From Node.js 24 on the getter is shown and not read.
      const shown = code.includes("toStringTag")
        ? /^(\(what was thrown cannot be shown\)|\{.*\[Getter\] \})$/
        : /cannot be shown/;
      assert.match(String(evalue), shown, code);
    }
    // Nobody catches it: it is printed, and the process lives.
    await kernel.execute(`setTimeout(() => { ${code} }, 0); await new Promise((resolve) => setTimeout(resolve, 20))`);
    assert.equal(await kernel.evaluate("1 + 1"), "2", code);
  }
});

test("an error shows the properties that it carries", async () => {
  const { text } = await failing("throw Object.assign(new Error('m'), { code: 'EX17', count: 3 });");
  assert.match(text, /\[code\]: 'EX17'/);
  assert.match(text, /\[count\]: 3/);
});

test("a display method that returns no bundle is told so, and what it returned", async () => {
  const { ename, evalue } = await failing("({ [Symbol.for('Jupyter.display')]() { return 5; } })");
  assert.equal(ename, "TypeError");
  assert.match(String(evalue), /returned 5; it returns an object of forms by MIME type/);
});

test("where a notebook says so type errors are warnings, and the cell runs", async () => {
  const other = await startKernel();
  try {
    const wrong = "const wrong: number = 'x';\nwrong";
    assert.equal((await other.execute(wrong)).reply["ename"], "TypeError (TS2322)");
    const misspelled = await other.execute(`// @limpid check: warm\n${wrong}`);
    assert.match(plain(misspelled.reply), /line 1:1 .*"warm"; it knows error and warn/);
    // The first cell that says something says it for the notebook.
    const told = await other.execute(`// @limpid check: warn\n${wrong}`);
    assert.equal(told.result, "'x'");
    assert.match(told.stderr, /Cell In\[\d+\], line 2:7.*TS2322.*not assignable to type 'number'/s);
    const next = await other.execute("const also: string = 5; also");
    assert.equal(next.result, "5");
    assert.match(next.stderr, /TS2322/);
    // A later one says it for itself; what is no program never runs.
    assert.equal((await other.execute(`// @limpid check: error\n${wrong}`)).reply["ename"], "TypeError (TS2322)");
    assert.equal((await other.execute("const = 5")).reply["status"], "error");
    assert.equal((await other.execute("const right: number = 5; right")).stderr, "");
  } finally {
    await other.stop();
  }
});
