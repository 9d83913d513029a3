"""One table of what Jupyter kernels do, by jupyter_client: `python kernels.py '{"name": {"argv": […], "language": "typescript"}}'`.

Each row is a function; it returns whether the kernel does what the row says, and what it did where it does not.
"""

import json
import os
import re
import sys
import tempfile
import time
from queue import Empty

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

# The same in both languages.
CODE = {
    "typescript": {
        "module": "export const area: (w: number) => number = (w) => w * {};\n",
        "file": "shapes.ts",
        "import": 'import {{ area }} from "{}";\narea(3)',
        "specifiers": ["./shapes.ts", "./shapes"],
        "declare": "const kept = {};",
        "typed": "const word: string = 5;\nconsole.log('ran');",
        "await": "const later = await Promise.resolve(7);\nlater",
        "thrown": "const n: number = 1;\n\nthrow new Error('here');",
        "busy": "console.log('on'); {{ const end = Date.now() + {}; while (Date.now() < end); }}",
        "endless": "console.log('on'); while (true) {}",
        "awaited": "await new Promise((r) => setTimeout(r, 20)); console.log('on'); while (true) {}",
        "complete": "Math.aco",
        "inspect": "parseInt",
        "open": "for (;;) {",
        "ask": {"Limpid": "await input('name')", "Deno": "prompt('name')", "tslab": "prompt('name')"},
    },
    "python": {
        "module": "def area(w: int) -> int:\n    return w * {}\n",
        "file": "shapes.py",
        "import": "from {} import area\narea(3)",
        "specifiers": ["shapes"],
        "declare": "kept = {}",
        "typed": "word: str = 5\nprint('ran')",
        "await": "import asyncio\nlater = await asyncio.sleep(0, 7)\nlater",
        "thrown": "n = 1\n\nraise ValueError('here')",
        "busy": "import time\nprint('on', flush=True)\nend = time.time() + {} / 1000\nwhile time.time() < end: pass",
        "endless": "print('on', flush=True)\nwhile True: pass",
        "awaited": "import asyncio\nawait asyncio.sleep(0.02)\nprint('on', flush=True)\nwhile True: pass",
        "complete": "impor",
        "inspect": "print",
        "open": "for x in y:",
        "ask": {"ipykernel": "input('name')"},
    },
}


class Kernel:
    """A kernel in a folder of its own, until the end of a `with`."""

    def __init__(self, name, argv, language, mode):
        self.name, self.code, self.folder = name, CODE[language], tempfile.mkdtemp(prefix="kernels-")
        self.manager = KernelManager(kernel_name=name)
        self.manager._kernel_spec = KernelSpec(argv=argv, display_name=name, language=language, interrupt_mode=mode)

    def __enter__(self):
        self.manager.start_kernel(cwd=self.folder)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=90)
        self.run("1")
        return self

    def __exit__(self, *_):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def start(self, code, **options):
        return self.client.execute(code, **options)

    def published(self, request, until=None, wait=20):
        """What was published for a request, up to its end or what `until` looks for."""
        found = []
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline:
            try:
                message = self.client.get_iopub_msg(timeout=0.5)
            except Empty:
                continue
            if message["parent_header"].get("msg_id") != request:
                continue
            found.append(message)
            content = message["content"]
            if until is not None and until(message):
                return found
            if message["msg_type"] == "status" and content["execution_state"] == "idle":
                return found
        return None

    def run(self, code):
        return self.published(self.start(code)) or []

    def result(self, code):
        """The text of a cell's result, or what it printed."""
        texts = []
        for message in self.run(code):
            content = message["content"]
            texts += [content["text"]] if message["msg_type"] == "stream" else []
            texts += [content["data"].get("text/plain", "")] if "data" in content else []
        return re.sub(r"\x1b\[\d*m", "", "".join(texts)).strip()

    def ask(self, type_, content, channel="shell", wait=6):
        message = self.client.session.msg(type_, content)
        place = getattr(self.client, f"{channel}_channel")
        place.send(message)
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline:
            try:
                reply = place.get_msg(timeout=0.5)
            except Empty:
                continue
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return reply["content"]
        return None

    def write(self, factor):
        with open(os.path.join(self.folder, self.code["file"]), "w", encoding="utf8") as file:
            file.write(self.code["module"].format(factor))

    def begin(self, code):
        """Starts a cell and waits until it runs."""
        request = self.start(code)
        self.published(request, lambda message: message["msg_type"] == "stream", 8)
        return request


def shows_a_result_as_execute_result(kernel):
    return any(message["msg_type"] == "execute_result" for message in kernel.run("40 + 2"))


def declares_a_name_again(kernel):
    kernel.run(kernel.code["declare"].format(1))
    kernel.run(kernel.code["declare"].format(2))
    return kernel.result("kept") == "2"


def refuses_a_wrong_type_before_the_cell_runs(kernel):
    messages = kernel.run(kernel.code["typed"])
    told = any(m["msg_type"] == "error" or m["content"].get("name") == "stderr" for m in messages)
    return told and not any(m["content"].get("text") == "ran\n" for m in messages)


def awaits_at_the_top_level(kernel):
    return kernel.result(kernel.code["await"]) == "7"


def imports_a_module_of_its_language(kernel):
    kernel.write(2)
    return any(kernel.result(kernel.code["import"].format(one)) == "6" for one in kernel.code["specifiers"])


def reads_a_changed_module_again(kernel):
    imports_a_module_of_its_language(kernel)
    time.sleep(1.1)
    kernel.write(5)
    return any(kernel.result(kernel.code["import"].format(one)) == "15" for one in kernel.code["specifiers"])


def names_the_line_of_an_error(kernel):
    texts = [line for m in kernel.run(kernel.code["thrown"]) for line in m["content"].get("traceback", [])]
    text = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(texts))
    return bool(re.search(r"line 3\b|-> 3\b|:3:|> 3\b", text))


def completes(kernel):
    code = kernel.code["complete"]
    return bool((kernel.ask("complete_request", {"code": code, "cursor_pos": len(code)}) or {}).get("matches"))


def inspects(kernel):
    code = kernel.code["inspect"]
    content = {"code": code, "cursor_pos": len(code), "detail_level": 0}
    return bool((kernel.ask("inspect_request", content) or {}).get("found"))


def knows_that_code_is_open(kernel):
    return (kernel.ask("is_complete_request", {"code": kernel.code["open"]}) or {}).get("status") == "incomplete"


def keeps_a_history(kernel):
    content = {"hist_access_type": "tail", "n": 3, "raw": True, "output": False}
    return bool((kernel.ask("history_request", content) or {}).get("history"))


def lists_comms(kernel):
    return (kernel.ask("comm_info_request", {}) or {}).get("comms") is not None


def asks_its_reader(kernel):
    request = kernel.start(kernel.code["ask"][kernel.name], allow_stdin=True)
    try:
        kernel.client.get_stdin_msg(timeout=5)
    except Empty:
        return False
    kernel.client.input("x")
    return kernel.published(request) is not None


def answers_an_unknown_request(kernel):
    return kernel.ask("no_such_request", {}, wait=3) is not None


def answers_the_debugger(kernel):
    content = {"type": "request", "seq": 1, "command": "debugInfo", "arguments": {}}
    return bool((kernel.ask("debug_request", content, "control") or {}).get("success"))


def prints_while_a_loop_computes(kernel):
    began = time.monotonic()
    request = kernel.begin(kernel.code["busy"].format(3000))
    took = time.monotonic() - began
    kernel.published(request)
    return took < 2


def answers_on_control_while_a_loop_computes(kernel):
    request = kernel.start(kernel.code["busy"].format(4000))
    time.sleep(0.5)
    answered = kernel.ask("kernel_info_request", {}, "control", 2) is not None
    kernel.published(request)
    return answered


def beats_while_a_loop_computes(kernel):
    request = kernel.start(kernel.code["busy"].format(4000))
    time.sleep(0.5)
    kernel.client.hb_channel.unpause()
    time.sleep(2.5)
    beating = kernel.client.hb_channel.is_beating()
    kernel.published(request)
    return beating


def ends(kernel, code):
    kernel.run(kernel.code["declare"].format(3))
    request = kernel.begin(code)
    kernel.manager.interrupt_kernel()
    if kernel.published(request, wait=8) is None or not kernel.manager.is_alive():
        return False
    return kernel.result("kept") == "3"


def ends_a_loop_and_keeps_the_variables(kernel):
    return ends(kernel, kernel.code["endless"])


def ends_a_loop_after_an_await(kernel):
    return ends(kernel, kernel.code["awaited"])


TOGETHER = [
    shows_a_result_as_execute_result,
    declares_a_name_again,
    refuses_a_wrong_type_before_the_cell_runs,
    names_the_line_of_an_error,
    completes,
    inspects,
    knows_that_code_is_open,
    keeps_a_history,
    lists_comms,
    answers_an_unknown_request,
    answers_the_debugger,
    prints_while_a_loop_computes,
    answers_on_control_while_a_loop_computes,
    beats_while_a_loop_computes,
]
# What may depend on other cells, and where a kernel may hang or end: each has a kernel of its own.
ALONE = [
    awaits_at_the_top_level,
    imports_a_module_of_its_language,
    reads_a_changed_module_again,
    asks_its_reader,
    ends_a_loop_and_keeps_the_variables,
    ends_a_loop_after_an_await,
]


def tried(row, kernel):
    try:
        return row(kernel)
    except Exception as error:  # A kernel that is gone does not do what the row says.
        print(f"{kernel.name}, {row.__name__}: {error}", file=sys.stderr)
        return False


def main():
    kernels = json.loads(sys.argv[1])
    table = {}
    for name, (argv, language, mode) in kernels.items():
        start = lambda: Kernel(name, argv, language, mode)  # noqa: E731, B023
        with start() as kernel:
            for row in TOGETHER:
                table.setdefault(row, {})[name] = tried(row, kernel)
        for row in ALONE:
            with start() as kernel:
                table.setdefault(row, {})[name] = tried(row, kernel)
    print(f"| | {' | '.join(kernels)} |\n|---|{'---|' * len(kernels)}")
    for row, found in table.items():
        print(f"| {row.__name__.replace('_', ' ')} | {' | '.join('yes' if found[name] else 'no' for name in kernels)} |")


if __name__ == "__main__":
    main()
