"""Every message on every channel through jupyter_client, and what is no message: the kernel answers what it can and goes on."""

import json
import time
import unittest

from jupyter_client.manager import start_new_kernel

REQUESTS = {
    "kernel_info_request": {},
    "execute_request": {"code": "1", "silent": True, "store_history": False, "user_expressions": {}, "allow_stdin": False},
    "complete_request": {"code": "Math.aco", "cursor_pos": 8},
    "inspect_request": {"code": "parseInt", "cursor_pos": 8, "detail_level": 0},
    "history_request": {"hist_access_type": "tail", "n": 1, "raw": True, "output": False},
    "is_complete_request": {"code": "1"},
    "comm_info_request": {},
    "connect_request": {},
    "interrupt_request": {},
    "debug_request": {"type": "request", "seq": 1, "command": "debugInfo", "arguments": {}},
    "create_subshell_request": {},
    "delete_subshell_request": {"subshell_id": "none"},
    "list_subshell_request": {},
    "no_such_request": {},
}
# These have no reply; what they are about may be anything.
OTHERS = {
    "comm_open": {"comm_id": "c", "target_name": "nobody's", "data": {}},
    "comm_msg": {"comm_id": "c", "data": {}},
    "comm_close": {"comm_id": "c", "data": {}},
    "input_reply": {"value": "unasked"},
    "no such type": {},
    "": {},
}
# The protocol has no subshells where kernel_info does not say so.
UNKNOWN = {"create_subshell_request", "delete_subshell_request", "list_subshell_request", "no_such_request"}
CONTROL = {"kernel_info_request", "interrupt_request", "connect_request", "debug_request"}
WRONG = [None, 7, -1, 1e300, "text", "\0", [], ["x"], {}, {"x": {"y": 1}}, True, "𝛼" * 10_000]
ECHO = """
const { comms } = (globalThis as any)[Symbol.for("limpid.host")];
comms.registerTarget("echo", (comm: any) => {
  comm.onMessage = ({ buffers }: any) => comm.send({ sizes: buffers.map((b: any) => b.byteLength) }, buffers);
});
"""


class MessageTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.manager, cls.client = start_new_kernel(kernel_name="limpid", startup_timeout=60)
        cls.run_cell("let touched = 0;")

    @classmethod
    def tearDownClass(cls):
        cls.client.stop_channels()
        cls.manager.shutdown_kernel()

    @classmethod
    def run_cell(cls, code):
        reply = cls.client.execute_interactive(code, timeout=60, output_hook=lambda _: None)
        assert reply["content"]["status"] == "ok", reply["content"]

    def channel(self, name):
        return getattr(self.client, f"{name}_channel")

    def ask(self, type_, content, channel="shell", **more):
        """Sends a request and returns its reply and the states that were published for it."""
        message = self.client.session.msg(type_, content, **more)
        self.channel(channel).send(message)
        sent = message["header"]["msg_id"]
        reply = self.answer(channel, sent)
        states = []
        while states[-1:] != ["idle"]:
            published = self.client.get_iopub_msg(timeout=20)
            if published["parent_header"].get("msg_id") == sent and published["msg_type"] == "status":
                states.append(published["content"]["execution_state"])
        return reply, states

    def answer(self, channel, sent):
        while True:
            reply = self.channel(channel).get_msg(timeout=20)
            if reply["parent_header"].get("msg_id") == sent:
                return reply

    def check_alive(self):
        for channel in ("shell", "control"):
            reply, _ = self.ask("kernel_info_request", {}, channel)
            self.assertEqual(reply["content"]["status"], "ok")
        reply, _ = self.ask("execute_request", {**REQUESTS["execute_request"], "user_expressions": {"t": "touched"}})
        self.assertEqual(reply["content"]["user_expressions"]["t"]["data"]["text/plain"], "0")

    def send_raw(self, channel, frames):
        self.channel(channel).socket.send_multipart(frames)

    def frames(self, *parts, key=None, buffers=()):
        """A message of these four JSON frames, signed."""
        signature = self.client.session.sign(list(parts)) if key is None else key
        return [b"<IDS|MSG>", signature, *parts, *buffers]

    def header(self, type_="execute_request"):
        return json.dumps(self.client.session.msg_header(type_), default=str).encode()

    def test_each_request_is_answered_between_busy_and_idle(self):
        for channel in ("shell", "control"):
            for type_, content in REQUESTS.items():
                with self.subTest(channel=channel, type=type_):
                    reply, states = self.ask(type_, content, channel)
                    self.assertEqual(reply["msg_type"], type_.replace("_request", "_reply"))
                    known = type_ not in UNKNOWN if channel == "shell" else type_ in CONTROL
                    if type_ == "debug_request":
                        self.assertTrue(reply["content"]["success"])
                    else:
                        expected = "complete" if type_ == "is_complete_request" else "ok"
                        self.assertEqual(reply["content"]["status"], expected if known else "error")
                    if not known:
                        self.assertIn(type_, reply["content"]["evalue"])
                    self.assertEqual([states[0], states[-1]], ["busy", "idle"])
        self.check_alive()

    def test_what_has_no_reply_and_what_comes_on_stdin_harms_nothing(self):
        for channel in ("shell", "control", "stdin"):
            for type_, content in OTHERS.items():
                self.channel(channel).send(self.client.session.msg(type_, content))
        for type_, content in REQUESTS.items():
            self.channel("stdin").send(self.client.session.msg(type_, {**content, "code": "touched = 1"}))
        self.check_alive()

    def test_fields_that_are_missing_or_of_another_kind(self):
        for type_, content in REQUESTS.items():
            for channel in ("shell", "control"):
                self.ask(type_, {}, channel)
            for field in content:
                for wrong in WRONG:
                    with self.subTest(type=type_, field=field, wrong=str(wrong)[:20]):
                        reply, _ = self.ask(type_, {**content, field: wrong})
                        self.assertTrue(reply["msg_type"].endswith("_reply"))
                        if type_ != "debug_request":
                            self.assertIn(reply["content"]["status"], ("ok", "error", "aborted", "complete", "invalid", "incomplete"))
        for type_, content in OTHERS.items():
            for field in content:
                for wrong in WRONG:
                    self.channel("shell").send(self.client.session.msg(type_, {**content, field: wrong}))
        self.check_alive()

    def test_no_unsigned_message_has_an_effect(self):
        content = json.dumps({"code": "touched = 1"}).encode()
        for channel in ("shell", "control", "stdin"):
            parts = (self.header(), b"{}", b"{}", content)
            right = self.client.session.sign(list(parts))
            for key in (b"", b"0" * 64, right[:-1], right + b"0", right.upper(), b"\xff" * 64):
                self.send_raw(channel, self.frames(*parts, key=key))
            # Signed, and then changed.
            self.send_raw(channel, self.frames(parts[0], b"{}", b"{}", content + b" ", key=right))
        self.check_alive()

    def test_what_is_no_json_or_no_message(self):
        content = json.dumps({"code": "touched = 1"}).encode()
        for channel in ("shell", "control", "stdin"):
            for bad in (b"", b"{", b"null", b"[]", b"7", b'"x"', b"\xff\xfe", b"{} {}", b"NaN", b"[" * 100_000, b'{"a":' * 50_000):
                for place in range(4):
                    parts = [self.header(), b"{}", b"{}", content]
                    parts[place] = bad
                    self.send_raw(channel, self.frames(*parts))
            for header in ({}, {"msg_type": "execute_request"}, {"msg_id": "x"}, {"msg_type": 1, "msg_id": 2}, {"msg_type": None, "msg_id": "y"}):
                self.send_raw(channel, self.frames(json.dumps(header).encode(), b"{}", b"{}", content))
            for frames in ([b""], [b"<IDS|MSG>"], [b"<IDS|MSG>", b"x"], [b"<IDS|MSG>", b"x", b"{}"], [b"x"] * 50, [b"<IDS|MSG>"] * 8):
                self.send_raw(channel, frames)
        self.check_alive()

    def test_buffers_of_nothing_and_of_ten_megabytes_come_back_whole(self):
        self.run_cell(ECHO)
        self.channel("shell").send(self.client.session.msg("comm_open", {"comm_id": "e", "target_name": "echo", "data": {}}))
        for buffers in ([], [b""], [b"", b"a", b""], [bytes(range(256)) * 40_960], [b"x"] * 1000):
            message = self.client.session.msg("comm_msg", {"comm_id": "e", "data": {}})
            self.client.session.send(self.client.shell_channel.socket, message, buffers=[memoryview(b) for b in buffers])
            deadline = time.monotonic() + 20
            while True:
                self.assertLess(time.monotonic(), deadline)
                echoed = self.client.get_iopub_msg(timeout=20)
                if echoed["msg_type"] == "comm_msg" and echoed["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                    break
            self.assertEqual(echoed["content"]["data"]["sizes"], [len(b) for b in buffers])
            self.assertTrue(all(bytes(got) == sent for got, sent in zip(echoed["buffers"], buffers)))
        # A request that needs none takes them, too.
        self.assertEqual(self.ask("kernel_info_request", {})[0]["content"]["status"], "ok")
        self.check_alive()
