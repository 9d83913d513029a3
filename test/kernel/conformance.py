"""Runs jupyter_kernel_test against the kernel: `python conformance.py KERNEL_MAIN_JS`."""

import json
import os
import sys
import tempfile
import unittest

MAIN = os.path.abspath(sys.argv.pop(1))

# A kernelspec of its own, so that nothing installed on this machine is needed or changed.
DATA = tempfile.mkdtemp(prefix="limpid-conformance-")
SPEC = os.path.join(DATA, "kernels", "limpid")
TEMPLATE = os.path.join(os.path.dirname(MAIN), "..", "..", "..", "src", "kernel", "spec", "kernel.json")
os.makedirs(SPEC)
with open(TEMPLATE, encoding="utf8") as template:
    spec = json.load(template)
spec["argv"] = [MAIN if part == "{kernel}" else part for part in spec["argv"]]
with open(os.path.join(SPEC, "kernel.json"), "w", encoding="utf8") as file:
    json.dump(spec, file)
os.environ["JUPYTER_PATH"] = DATA
os.chdir(DATA)

import jupyter_kernel_test  # noqa: E402  (reads JUPYTER_PATH)

HOST = 'globalThis[Symbol.for("limpid.host")]'


class LimpidTests(jupyter_kernel_test.KernelTests):
    kernel_name = "limpid"
    language_name = "typescript"
    file_extension = ".ts"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The test kit allows 100 ms between two messages; a kernel that is still loading the compiler takes longer.
        cls.kc.execute_interactive("0", timeout=60)

    code_hello_world = 'console.log("hello, world")'
    code_stderr = 'console.error("oops")'
    code_page_something = "Math.max?"
    code_generate_error = 'throw new Error("on purpose")'
    code_inspect_sample = "parseInt"
    code_clear_output = f"{HOST}.clearOutput()"
    code_history_pattern = "1*2*"
    supported_history_operations = ("tail", "range", "search")

    completion_samples = [
        {"text": "Math.acosh", "matches": ["acosh"]},
        {"text": "const n: Uint8Cl", "matches": ["Uint8ClampedArray", "Uint8ClampedArrayConstructor"]},
        {"text": "'s'.toUpperC", "matches": ["toUpperCase"]},
    ]
    complete_code_samples = ["1", "const f = (x: number) => x + 1", "for (const x of [1]) {\n  x;\n}", "await (null)", "`a\nb`"]
    incomplete_code_samples = ["function f() {", "f(1,", "const a = [1,", "`open", "/* open", "class A {\n  b = 1;"]
    invalid_code_samples = ["const = 1", "f(]", "}", "const s = 'open"]
    code_execute_result = [
        {"code": "1 + 2 + 3", "result": "6"},
        {"code": "[1, 2, 3].map((n) => n * n)", "result": "[ 1, 4, 9 ]"},
        {"code": "const o = { a: 'b' };\no", "result": "{ a: 'b' }"},
        {"code": "await Promise.resolve('later')", "result": "'later'"},
        {"code": '({ [Symbol.for("Jupyter.display")]: () => ({ "text/html": "<b>bold</b>" }) })', "mime": "text/html"},
    ]
    code_display_data = [
        {"code": 'import * as tslab from "tslab"; tslab.display.html("<b>bold</b>")', "mime": "text/html"},
        {"code": 'tslab.display.png(Uint8Array.of(1, 2, 3))', "mime": "image/png"},
        {"code": f'{HOST}.display({{ "application/json": {{ a: 1 }} }})', "mime": "application/json"},
    ]


class LimpidWelcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "limpid"
    support_iopub_welcome = True


class InterruptTests(unittest.TestCase):
    """An interrupt through Jupyter's own kernel manager, which sends a message because the kernelspec says so."""

    def test_interrupt(self):
        manager, client = jupyter_kernel_test.start_new_kernel(kernel_name="limpid")
        try:
            client.execute_interactive("let n = 0", timeout=60)
            for loop in ("for (;;) n++;", "await 1; for (;;) n++;", "await new Promise(() => {})"):
                client.execute(f'console.log("on"); {loop}')
                while client.get_iopub_msg(timeout=15)["msg_type"] != "stream":
                    pass
                manager.interrupt_kernel()
                reply = client.get_shell_msg(timeout=5)
                self.assertEqual(reply["content"]["ename"], "InterruptError")
            value = client.execute("n > 0", user_expressions={"n": "n > 0"})
            while (reply := client.get_shell_msg(timeout=15))["parent_header"]["msg_id"] != value:
                pass
            self.assertEqual(reply["content"]["user_expressions"]["n"]["data"]["text/plain"], "true")
        finally:
            client.stop_channels()
            manager.shutdown_kernel()


from conformance_messages import MessageTests  # noqa: E402,F401  (starts the kernel that JUPYTER_PATH names)

if __name__ == "__main__":
    unittest.main(verbosity=2)
