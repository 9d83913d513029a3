"""Times Jupyter kernels, one after the other in each round, through the client that Jupyter itself uses.

Reads one JSON object from the standard input (see ../kernel.ts) and writes one a line: a round of a kernel, or a figure's bytes.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import nbclient
import nbformat
import psutil
from jupyter_client.manager import KernelManager


class Kernel:
    """A kernel process and its client."""

    def __init__(self, name, folder):
        self.started = time.perf_counter()
        self.manager = KernelManager(kernel_name=name)
        self.manager.start_kernel(cwd=folder, stdout=sys.stderr, stderr=sys.stderr)
        self.client = self.manager.client()
        self.client.start_channels()
        self.process = psutil.Process(self.manager.provisioner.pid)

    def since_start(self):
        return time.perf_counter() - self.started

    def execute(self, code, timeout=300):
        """Runs a cell; seconds until its idle, and what it published."""
        began = time.perf_counter()
        request = self.client.execute(code)
        published = []
        while True:
            message = self.client.get_iopub_msg(timeout=timeout)
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "status":
                if message["content"]["execution_state"] == "idle":
                    break
                continue
            published.append(message)
        took = time.perf_counter() - began
        self.client.get_shell_msg(timeout=timeout)
        for message in published:
            if message["msg_type"] == "error":
                raise RuntimeError(f"{code[:80]}: {message['content']['ename']}: {message['content']['evalue']}")
        return took, published

    def complete(self, code, cursor):
        began = time.perf_counter()
        request = self.client.complete(code, cursor)
        while True:
            message = self.client.get_shell_msg(timeout=120)
            if message["parent_header"].get("msg_id") == request:
                break
        return time.perf_counter() - began, message["content"]["matches"]

    def megabytes(self):
        """Resident memory of the process and its children, in 10⁶ bytes."""
        return sum(one.memory_info().rss for one in [self.process, *self.process.children(recursive=True)]) / 1e6

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def cell(number, language):
    """A cell as people write them: a variable, a type, a function, and a call that uses the cell before."""
    before = f"v{number - 1}" if number > 1 else "0"
    if language == "python":
        return (
            f"v{number}: int = {number} + 1\nclass P{number}:\n  a: int\n  b: str\n"
            f"def f{number}(p, x): return p['a'] + x + v{number}\nf{number}({{'a': 1, 'b': 'x'}}, {before})"
        )
    return (
        f"const v{number}: number = {number} + 1;\ninterface P{number} {{ a: number; b: string }}\n"
        f"function f{number}(p: P{number}, x: number) {{ return p.a + x + v{number} }}\n"
        f"f{number}({{ a: 1, b: 'x' }}, {before})"
    )


def one_round(name, about, folder, cells, many):
    kernel = Kernel(name, folder)
    milliseconds = {}
    try:
        _, published = kernel.execute("1+1")
        if not any("2" in json.dumps(one["content"]) for one in published):
            raise RuntimeError(f"{name} gave no result for 1+1")
        milliseconds["first result from spawn"] = 1e3 * kernel.since_start()
        trivial = [kernel.execute(f"{i}+3")[0] for i in range(20)]
        milliseconds["warm trivial cell"] = 1e3 * statistics.median(trivial)
        memory = {"memory at start": kernel.megabytes()}
        # A reader reads before he types.
        time.sleep(about["pause"])
        code, cursor = about["completion"]
        took, matches = kernel.complete(code, cursor)
        if not matches:
            raise RuntimeError(f"{name} completes nothing in {code}")
        milliseconds["first completion"] = 1e3 * took
        milliseconds["warm completion"] = 1e3 * statistics.median(kernel.complete(code, cursor)[0] for _ in range(5))
        memory["memory after a completion"] = kernel.megabytes()
        count = many if about["many"] else cells
        times = [kernel.execute(cell(i, about["language"]))[0] for i in range(1, count + 1)]
        around = lambda i: 1e3 * statistics.median(times[max(0, i - 20) : i])
        milliseconds[f"{cells} cells"] = 1e3 * sum(times[:cells])
        milliseconds["cell 100"] = around(100)
        milliseconds[f"cell {cells}"] = around(cells)
        if about["many"]:
            milliseconds[f"cell {many}"] = around(many)
        memory["memory at the end"] = kernel.megabytes()
        lines = "for (let i = 0; i < 20000; i++) console.log(i)"
        if about["language"] == "python":
            lines = "for i in range(20000): print(i)"
        milliseconds["20,000 printed lines"] = 1e3 * kernel.execute(lines)[0]
        rates = {}
        if about.get("messages"):
            before, send = about["messages"]
            kernel.execute(before)
            took, published = kernel.execute(send)
            sent = [one for one in published if one["msg_type"] == "comm_msg"]
            if len(sent) != 500 or any(len(one["buffers"][0]) != 200_000 for one in sent):
                raise RuntimeError(f"{name} sent {len(sent)} messages, not 500 of 200 kB")
            rates["binary messages of 200 kB a second"] = len(sent) / took
        return {"milliseconds": milliseconds, "megabytes": memory, "a second": rates}
    finally:
        kernel.close()


def figure_bytes(name, codes, folder):
    """What the notebook's file grows by when its cell shows the figure, widget state and stored pictures included."""
    cells = [nbformat.v4.new_code_cell(code) for code in codes]
    notebook = nbformat.v4.new_notebook(cells=cells)
    empty = len(nbformat.writes(notebook).encode())
    client = nbclient.NotebookClient(notebook, kernel_name=name, store_widget_state=True, timeout=300)
    client.execute(cwd=str(folder))
    # What only tells how it was run.
    for one in notebook.cells:
        one.metadata.pop("execution", None)
    notebook.metadata.pop("language_info", None)
    return len(nbformat.writes(notebook).encode()) - empty


def main():
    asked = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as data:
        for name, about in asked["kernels"].items():
            spec = Path(data, "kernels", name)
            spec.mkdir(parents=True)
            kernel = {"argv": about["argv"], "display_name": name, "language": about["language"]}
            (spec / "kernel.json").write_text(json.dumps(kernel))
        os.environ["JUPYTER_PATH"] = data
        for number in range(asked["rounds"]):
            for name, about in asked["kernels"].items():
                if not about["timed"]:
                    continue
                with tempfile.TemporaryDirectory() as folder:
                    measured = one_round(name, about, folder, asked["cells"], asked["many"])
                print(json.dumps({"round": number, "kernel": name, **measured}), flush=True)
        for name, about in asked["kernels"].items():
            for what, codes in about.get("figures", {}).items():
                with tempfile.TemporaryDirectory() as folder:
                    size = figure_bytes(name, codes, folder)
                print(json.dumps({"figure": what, "kernel": name, "bytes": size}), flush=True)


main()
