# SPDX-License-Identifier: Apache-2.0
"""Drives the installed kernel as front ends do. Its argument is the name of one of the functions below; exit status 0 if what that
function says holds. Nothing is set but what the test sets: JUPYTER_PATH, and folders for this run."""
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import nbformat
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

PATIENCE = 120  # seconds: how long anything may take that is not what a function is about


def running():
    """The command lines of all processes."""
    if not os.path.isdir("/proc/self"):
        return subprocess.run(["/bin/ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True).stdout.splitlines()
    lines = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as f:
                lines.append(f.read().replace("\0", " "))
        except OSError:
            pass  # it has ended
    return lines


def folders():
    return [name for name in os.listdir(os.environ["TMPDIR"]) if name.startswith("vsim-kernel-")]


def wait_until(what, holds, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.05)


class Kernel:
    """A kernel and a client of it."""

    def __init__(self):
        self.manager = KernelManager(kernel_name="gonb", connection_file=os.path.join(os.environ["JUPYTER_RUNTIME_DIR"], "kernel-1a2b.json"))
        self.manager.start_kernel()
        self.connect()

    def connect(self):
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    @property
    def pid(self):
        return self.manager.provisioner.pid

    def reply(self, msg_id, seconds=PATIENCE):
        """The reply to a request; others are left for later."""
        self.others = getattr(self, "others", {})
        end = time.monotonic() + seconds
        while msg_id not in self.others:
            m = self.client.get_shell_msg(timeout=max(0.01, end - time.monotonic()))
            self.others[m["parent_header"]["msg_id"]] = m
        return self.others.pop(msg_id)["content"]

    def ask(self, method, *args, **kwargs):
        return self.reply(getattr(self.client, method)(*args, **kwargs))

    def run(self, code, **kwargs):
        """Executes a cell; the reply, and all it showed."""
        shown = []
        reply = self.client.execute_interactive(
            code, timeout=PATIENCE, allow_stdin=False, output_hook=lambda m: shown.append((m["msg_type"], m["content"])), **kwargs)
        return reply["content"], shown

    def restart(self, now):
        self.client.stop_channels()
        self.manager.restart_kernel(now=now)
        self.connect()


@contextmanager
def kernel():
    k = Kernel()
    try:
        yield k
    finally:
        k.client.stop_channels()
        k.manager.shutdown_kernel()


def text(shown, name="stdout"):
    return "".join(c["text"] for kind, c in shown if kind == "stream" and c["name"] == name)


def printing(line):
    return f'%%\nfmt.Println("{line}")'


def queue():
    """A failing cell aborts those behind it, unless its request says otherwise."""
    with kernel() as k:
        for stop, want in ((True, ["error", "aborted", "aborted"]), (False, ["error", "ok", "ok"])):
            cells = ['%%\npanic("first")', printing("second"), printing("third")]
            ids = [k.client.execute(cell, stop_on_error=stop) for cell in cells]
            got = [k.reply(i)["status"] for i in ids]
            assert got == want, f"stop_on_error={stop}: {got}"
        reply, shown = k.run(printing("after"))
        assert reply["status"] == "ok" and text(shown) == "after\n", shown


# A cell that takes its time to compile, and then to run; a number makes it another one each time.
LONG = '%%\nmust.M1(nb.Setup())\nfor i := range 600 {{\n\tfmt.Println("at", i, {number})\n\ttime.Sleep(time.Second)\n}}'


def interrupt():
    """An interrupt ends the cell within four seconds, whenever it comes, and aborts those behind it."""
    with kernel() as k:
        for number, delay in enumerate((0.1, 0.4, 1, 3)):
            ids = [k.client.execute(LONG.format(number=number)), k.client.execute(printing("never"))]
            time.sleep(delay)
            asked = time.monotonic()
            k.manager.interrupt_kernel()
            reply = k.reply(ids[0])
            took = time.monotonic() - asked
            assert took < 4, f"interrupted after {delay} s, ended {took:.1f} s later"
            assert reply["status"] == "error" and reply["ename"] == "KeyboardInterrupt", reply
            assert k.reply(ids[1])["status"] == "aborted"
        reply, shown = k.run(printing("after"))
        assert reply["status"] == "ok" and text(shown) == "after\n", shown
        # A line of the shell is interrupted with all it has started.
        began = time.monotonic()
        cell = k.client.execute("!sleep 60; echo never")
        time.sleep(1)
        os.kill(k.pid, signal.SIGINT)  # of a client that knows signals only
        k.reply(cell)
        assert time.monotonic() - began < 10


def questions():
    """Completion, inspection, is_complete, history, kernel_info, comm_info."""
    with kernel() as k:
        k.run("func twice(x int) int { return 2 * x }")
        code = "%%\nfmt.Printl"
        if os.environ["GOPLS"] == "true":
            end = time.monotonic() + PATIENCE  # gopls is slow at first, and GoNB does not wait for it
            while "Println" not in k.ask("complete", code, len(code))["matches"]:
                assert time.monotonic() < end, "Println is not offered"
            found = k.ask("inspect", "%%\nfmt.Println()", 8)
            assert found["found"] and "Println formats" in json.dumps(found["data"]), found
        else:
            assert k.ask("complete", code, len(code))["status"] in ("ok", "error")
            assert "status" in k.ask("inspect", "%%\nfmt.Println()", 8)
        # GoNB would search for a name for ever, and end of the blank command.
        assert not k.ask("inspect", "", 0)["found"]
        k.ask("inspect", "%%\na, b := 1, 2", 4)
        reply, _ = k.run("! ")
        assert reply["status"] == "error" and reply["evalue"].startswith("line 1: "), reply
        for cell, want in (("x := 1", "complete"), ("func f() {", "incomplete"), ("f(1,", "incomplete"), ("}", "invalid"), ("!ls \\", "incomplete")):
            assert k.ask("is_complete", cell)["status"] == want, cell
        k.run("!true")
        assert [h[2] for h in k.ask("history", hist_access_type="tail", n=1)["history"]] == ["!true"]
        assert [h[1] for h in k.ask("history", hist_access_type="search", pattern="*twice*")["history"]] == [1]
        info = k.ask("kernel_info")
        assert info["language_info"]["name"] == "go" and "go1." not in json.dumps(info["language_info"]), info
        assert k.ask("comm_info")["comms"] == {}


def fails():
    """A failed cell shows one error and nothing else in red; a warning of a cell that does not fail is shown."""
    with kernel() as k:
        for cell, name, value in (
            ('fmt.Fprintln(os.Stderr, "corpus: nowhere")\nos.Exit(1)', "ERROR", "corpus: nowhere"),
            ('nb.Show(1, errors.New("corpus: nowhere"))', "ERROR", "corpus: nowhere"),
            ('panic("boom")', "panic", "boom"),
            ("os.Exit(3)", "ERROR", "exit status 3"),
            ("undefinedName()", "ERROR", None),
        ):
            reply, shown = k.run("%%\n" + cell)
            errors = [c for kind, c in shown if kind == "error"]
            assert reply["status"] == "error" and reply["ename"] == name and value in (reply["evalue"], None), reply
            assert len(errors) == 1 and errors[0]["evalue"] == reply["evalue"], shown
            assert text(shown, "stderr") == "", shown
            assert sum(line.startswith("exit status") for line in errors[0]["traceback"]) == (value == "exit status 3"), errors
        reply, shown = k.run('%%\nfmt.Fprintln(os.Stderr, "warning: slow")')
        assert reply["status"] == "ok" and text(shown, "stderr") == "warning: slow\n", shown


def restart():
    """A restart finds what %env set of VSIM_…; an end does not leave it."""
    scale = '%%\nfmt.Println(os.Getenv("VSIM_SCALE"), os.Getenv("OTHER"))'
    with kernel() as k:
        k.run("%env VSIM_SCALE demo\n%env OTHER=1")
        for now in (False, True):  # asked to end, and killed
            k.restart(now)
            reply, shown = k.run(scale)
            assert text(shown) == "demo \n", (reply, shown)
        assert [f for f in os.listdir(os.environ["JUPYTER_RUNTIME_DIR"]) if f.startswith(".vsim-")]
    assert not [f for f in os.listdir(os.environ["JUPYTER_RUNTIME_DIR"]) if f.startswith(".vsim-")]
    wait_until("no folder is left", lambda: not folders())


def shutdown():
    """shutdown_request is answered, and the kernel ends with status 0 and leaves nothing, in the middle of a cell too."""
    k = Kernel()
    k.client.execute(LONG.format(number=7))
    wait_until("the cell begins", lambda: k.client.get_iopub_msg(timeout=PATIENCE)["msg_type"] == "stream")
    reply = k.client.shutdown(reply=True, timeout=PATIENCE)["content"]
    assert reply == {"status": "ok", "restart": False}, reply
    process = k.manager.provisioner.process
    assert process.wait(timeout=10) == 0, process.returncode
    k.client.stop_channels()
    assert not folders(), folders()


def killed():
    """A kernel that is killed leaves no program and no folder."""
    k = Kernel()
    k.client.execute(LONG.format(number=8))
    wait_until("the cell begins", lambda: k.client.get_iopub_msg(timeout=PATIENCE)["msg_type"] == "stream")
    folder = os.path.join(os.environ["TMPDIR"], folders()[0])

    def ours():
        return [args for args in running() if folder in args and "vsim-kernel-guard" not in args]

    if os.environ["GOPLS"] == "true":
        wait_until("gopls runs", lambda: any("gopls" in args for args in ours()))
    os.kill(k.pid, signal.SIGKILL)
    wait_until("no folder is left", lambda: not folders(), 10)
    wait_until("no process is left", lambda: not ours(), 10)
    k.client.stop_channels()


def notebook():
    """A notebook whose first cell is not one that imports, through nbclient, without PATH."""
    assert "PATH" not in os.environ
    cell = nbformat.v4.new_code_cell("%%\nnb.Show(must.M1(nb.Setup()), nil)\nfmt.Println(os.Getenv(\"GOPROXY\"))")
    nb = nbformat.v4.new_notebook(cells=[cell])
    NotebookClient(nb, kernel_name="gonb", timeout=PATIENCE, startup_timeout=PATIENCE).execute()
    assert any("table" in o.get("data", {}).get("text/html", "") for o in cell.outputs), cell.outputs
    assert any(o.get("text") == "off\n" for o in cell.outputs), cell.outputs
    assert nb.metadata.language_info.pygments_lexer == "go", nb.metadata


if __name__ == "__main__":
    globals()[sys.argv[1]]()
