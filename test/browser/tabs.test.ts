/** Two tabs on one kernel, and a tab that is gone while the kernel goes on. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Lab, type Notebook, startLab } from "./lab.js";

const cells = [
  `import { IntSlider, Label, VBox } from "limpid";
   const slider = new IntSlider({ max: 100, description: "shared" });
   const says = new Label({ value: "at 0" });
   slider.observe(({ new: at }) => { says.value = "at " + at; }, "value");
   new VBox([slider, says])`,
  `for (let step = 0; step < 60; step++) { says.value = "step " + step; await new Promise((done) => setTimeout(done, 50)); }
   console.log("all sent");`,
];

let lab: Lab;
let first: Notebook;
before(async () => {
  lab = await startLab();
  await lab.write("tabs.ipynb", cells);
  first = await lab.open("tabs.ipynb");
  await first.start();
  await first.settled();
  await handle(first).waitFor();
  await first.command("docmanager:save");
});
after(async () => {
  await first?.close();
  await lab?.close();
});

const handle = (tab: Notebook) => tab.output(0).locator(".noUi-handle");
const says = (tab: Notebook, text: string) => tab.output(0).getByText(text, { exact: true }).waitFor();

test("a slider that is moved in one tab moves in the other, and back", async () => {
  const second = await lab.open("tabs.ipynb");
  try {
    await handle(second).waitFor();
    await handle(first).press("ArrowRight");
    await says(second, "at 1");
    assert.equal(Number(await handle(second).getAttribute("aria-valuenow")), 1);
    await handle(second).press("ArrowRight");
    await says(first, "at 2");
    assert.equal(Number(await handle(first).getAttribute("aria-valuenow")), 2);
    assert.deepEqual(second.errors, []);
  } finally {
    // The kernel is the first one's, too.
    await second.page.context().close();
  }
});

test("a browser that loses its connection while the kernel sends has everything when it is back", async () => {
  await first.start();
  await first
    .output(0)
    .getByText(/^step \d+$/)
    .waitFor();
  const states = await first.page.evaluate(async () => {
    const { shell } = (window as unknown as Jupyter).jupyterapp;
    const kernel = shell.currentWidget.sessionContext.session.kernel;
    const seen: string[] = [];
    kernel.connectionStatusChanged.connect((_, status) => void seen.push(status));
    kernel._ws.close();
    while (kernel.connectionStatus === "connected" || seen.length === 0)
      await new Promise((done) => setTimeout(done, 5));
    return seen;
  });
  assert.equal(states[0], "connecting");
  await says(first, "step 59");
  await first.output(1).getByText("all sent").waitFor();
  await first.settled();
  await handle(first).press("ArrowRight");
  await says(first, "at 1");
  assert.deepEqual(first.errors, []);
});

/** What of JupyterLab the test looks at. */
interface Jupyter {
  jupyterapp: {
    shell: {
      currentWidget: {
        sessionContext: {
          session: {
            kernel: {
              connectionStatus: string;
              connectionStatusChanged: { connect(slot: (sender: unknown, status: string) => void): void };
              /** Its socket, which it keeps to itself. */
              _ws: WebSocket;
            };
          };
        };
      };
    };
  };
}
