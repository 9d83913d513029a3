import assert from "node:assert/strict";
import { test } from "node:test";
import type { Comm } from "../../src/comms/manager.js";
import { FrontEnd, turn } from "./front-end.js";

const kinds = (frontEnd: FrontEnd) => frontEnd.sent.map(({ type }) => type);

test("a comm carries data, metadata and binary frames both ways", () => {
  const frontEnd = new FrontEnd();
  frontEnd.manager.registerTarget("echo", (comm, opening) => {
    comm.send({ opened: opening.data });
    comm.onMessage = ({ data, buffers, metadata }) => comm.send(data, buffers, metadata);
  });
  frontEnd.deliver("comm_open", { comm_id: "c1", target_name: "echo", data: { hello: [1] } });
  const values = new Float64Array([Math.PI, -0, Number.NaN]);
  frontEnd.deliver("comm_msg", { comm_id: "c1", data: { n: 1 } }, [values], { m: 2 });
  const [opened, , echoed] = frontEnd.sent;
  assert.deepEqual(opened!.content, { comm_id: "c1", data: { opened: { hello: [1] } } });
  assert.deepEqual(echoed!.content, { comm_id: "c1", data: { n: 1 } });
  assert.deepEqual(echoed!.metadata, { m: 2 });
  assert.deepEqual(Buffer.from(echoed!.buffers[0]!.buffer), Buffer.from(values.buffer));
});

test("a comm for an unknown target is closed, and the host told", () => {
  const frontEnd = new FrontEnd();
  frontEnd.deliver("comm_open", { comm_id: "c1", target_name: "nobody", data: {} });
  assert.deepEqual(kinds(frontEnd), ["comm_close", "idle"]);
  assert.equal(frontEnd.sent[0]!.content["comm_id"], "c1");
  assert.match(String(frontEnd.reported[0]), /CommError: no comm target named "nobody"/);
  assert.deepEqual(frontEnd.manager.info(), {});
});

test("a comm whose target fails is closed", async () => {
  const frontEnd = new FrontEnd();
  frontEnd.manager.registerTarget("throws", () => {
    throw new Error("not today");
  });
  frontEnd.manager.registerTarget("rejects", () => Promise.reject(new Error("not tomorrow")));
  frontEnd.deliver("comm_open", { comm_id: "c1", target_name: "throws", data: {} });
  frontEnd.deliver("comm_open", { comm_id: "c2", target_name: "rejects", data: {} });
  await turn();
  assert.deepEqual(kinds(frontEnd), ["comm_close", "idle", "comm_close", "idle"]);
  assert.deepEqual(frontEnd.reported.map(String), ["Error: not today", "Error: not tomorrow"]);
});

test("messages for unknown comms are reported and nothing is lost", () => {
  const frontEnd = new FrontEnd();
  const received: unknown[] = [];
  const comm = frontEnd.manager.open("mine");
  comm.onMessage = ({ data }) => received.push(data);
  frontEnd.deliver("comm_msg", { comm_id: "stray", data: {} });
  frontEnd.deliver("comm_close", { comm_id: "stray", data: {} });
  frontEnd.deliver("comm_msg", { comm_id: comm.id, data: { n: 1 } });
  assert.deepEqual(received, [{ n: 1 }]);
  assert.match(String(frontEnd.reported[0]), /comm_msg for unknown comm stray/);
  assert.match(String(frontEnd.reported[1]), /comm_close for unknown comm stray/);
});

test("a failing handler is reported and the comm goes on", async () => {
  const frontEnd = new FrontEnd();
  const comm = frontEnd.manager.open("mine");
  comm.onMessage = ({ data }) => {
    if (data["how"] === "throw") throw new Error("thrown");
    if (data["how"] === "reject") return Promise.reject(new Error("rejected"));
    return comm.send({ fine: true });
  };
  for (const how of ["throw", "reject", "not"]) frontEnd.deliver("comm_msg", { comm_id: comm.id, data: { how } });
  await turn();
  assert.deepEqual(frontEnd.reported.map(String), ["Error: thrown", "Error: rejected"]);
  assert.deepEqual(frontEnd.sent.at(-3)!.content["data"], { fine: true });
});

test("a message is busy until its asynchronous handler is done, and holds up no other", async () => {
  const frontEnd = new FrontEnd();
  const comm = frontEnd.manager.open("mine");
  const finish: (() => void)[] = [];
  comm.onMessage = () => new Promise<void>((resolve) => finish.push(resolve));
  const first = frontEnd.deliver("comm_msg", { comm_id: comm.id, data: {} });
  const second = frontEnd.deliver("comm_msg", { comm_id: comm.id, data: {} });
  await turn();
  const idles = () => frontEnd.sent.filter(({ type }) => type === "idle").map(({ parent }) => parent);
  assert.deepEqual(idles(), []);
  finish[1]!();
  await turn();
  assert.deepEqual(idles(), [second]);
  finish[0]!();
  await turn();
  assert.deepEqual(idles(), [second, first]);
});

test("either side closes a comm, once", () => {
  const frontEnd = new FrontEnd();
  const closed: unknown[] = [];
  const open = (): Comm => {
    const comm = frontEnd.manager.open("mine");
    comm.onClose = ({ data }) => closed.push(data);
    return comm;
  };
  const [mine, theirs] = [open(), open()];
  mine.close({ why: "done" });
  mine.close();
  frontEnd.deliver("comm_close", { comm_id: theirs.id, data: { why: "gone" } });
  theirs.close();
  assert.deepEqual(kinds(frontEnd), ["comm_open", "comm_open", "comm_close", "idle"]);
  assert.deepEqual(closed, [{ why: "gone" }], "only the other side's closing is news");
  assert.throws(() => mine.send({}), /CommError: comm .* \(mine\) is closed/);
});

test("comm_info lists open comms, of one target when asked", () => {
  const { manager } = new FrontEnd();
  manager.open("a", {}, {}, [], "a1");
  manager.open("b", {}, {}, [], "b1");
  manager.open("a", {}, {}, [], "a2").close();
  assert.deepEqual(manager.info(), { a1: { target_name: "a" }, b1: { target_name: "b" } });
  assert.deepEqual(manager.info("a"), { a1: { target_name: "a" } });
  assert.throws(() => manager.open("a", {}, {}, [], "a1"), /comm a1 is already open/);
});

test("buffers are sent as they are at that moment, without what lies around them in memory", () => {
  const frontEnd = new FrontEnd();
  const comm = frontEnd.manager.open("mine");
  const all = new Float32Array([0, 1, 2, 3]);
  comm.send({}, [all.subarray(1, 3)]);
  all.fill(9);
  const [frame] = frontEnd.sent.at(-1)!.buffers;
  assert.equal(frame!.buffer.byteLength, 8);
  assert.deepEqual(new Float32Array(frame!.buffer), new Float32Array([1, 2]));
});
