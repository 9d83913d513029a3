import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { livePage } from "../../src/runs/live.js";

const progress = { done: 64, total: 1000, rate: 12.5, left: 74.88, shards: [1, 16], failed: 2 } as const;

/** Asks as another page would whose name was pointed at this machine. */
const asked = (address: string, host: string) =>
  new Promise<number>((resolve) =>
    request(address, { headers: { host } }, ({ statusCode }) => resolve(statusCode!)).end(),
  );

test("a run is seen as a page, as JSON and by Prometheus, from this machine", async () => {
  const live = await livePage("<photos>.zarr", { port: 0 });
  try {
    assert.match(live.address, /^http:\/\/127\.0\.0\.1:\d+\/$/);
    assert.match(await (await fetch(live.address)).text(), /0 of 0.*not known yet/s);
    live.tell(progress);
    const html = await fetch(live.address);
    assert.match(html.headers.get("content-security-policy")!, /default-src 'none'/);
    const text = await html.text();
    assert.match(text, /<h1>&#60;photos&#62;\.zarr<\/h1>.*64 of 1,000.*12\.5 a second.*1\.25 minutes/s);
    assert.deepEqual(await (await fetch(`${live.address}status.json`)).json(), { name: "<photos>.zarr", ...progress });
    const lines = (await (await fetch(`${live.address}metrics`)).text()).trim().split("\n");
    assert.ok(lines.includes("limpid_samples_done 64") && lines.includes("# TYPE limpid_seconds_left gauge"));
    assert.equal(lines.length, 18);
    assert.equal((await fetch(`${live.address}secret`)).status, 404);
    assert.equal((await fetch(live.address, { method: "POST" })).status, 405);
    assert.equal(await asked(live.address, "evil.example"), 403);
  } finally {
    await live.close();
  }
});

test("elsewhere than on loopback nobody looks without the token", async () => {
  await assert.rejects(livePage("run", { port: 0, host: "0.0.0.0" }), /can be seen by others: set LIMPID_LIVE_TOKEN/);
  await assert.rejects(livePage("run", { port: 0, host: "0.0.0.0", token: "short" }), /at least 16 characters/);
  const token = "correct horse battery";
  const live = await livePage("run", { port: 0, host: "0.0.0.0", token });
  try {
    const address = live.address.replace("0.0.0.0", "127.0.0.1");
    assert.equal((await fetch(`${address}metrics`)).status, 401);
    assert.equal((await fetch(`${address}?token=wrong`)).status, 401);
    assert.equal((await fetch(`${address}?token=${encodeURIComponent(token)}`)).status, 200);
    const { status } = await fetch(`${address}metrics`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(status, 200);
    await assert.rejects(
      livePage("run", { port: Number(new URL(address).port), host: "0.0.0.0", token }),
      /cannot be served/,
    );
  } finally {
    await live.close();
  }
});
