# SPDX-License-Identifier: Apache-2.0
"""Executes one notebook and tells its progress as JSON lines on stdout.

    driver.py NOTEBOOK OUT PARTIAL KERNEL

OUT gets the executed copy, once every cell is done; after a failure or a stop, PARTIAL gets what was executed so far.
SIGINT, SIGTERM and the end of standard input (the parent is gone) interrupt the running cell, wait for it to end, and
end the kernel with all it started. Exit status: 0 done, 1 a cell failed, 130 stopped.
"""
import asyncio
import ctypes
import html
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

INTERRUPT_SECONDS = 7.0  # the kernel kills an interrupted cell after 5
SHUTDOWN_SECONDS = 3.0
OUTPUT_INTERVAL = 0.2

# Whatever else prints to stdout, the kernel included, must not get between the JSON lines.
events = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)


def emit(**event):
    try:
        print(json.dumps(event), file=events, flush=True)
    except OSError:
        pass  # the parent is gone; the end of stdin says so too


def die_with_parent():
    """Runs in the new kernel process: SIGTERM when this driver dies, however that happens (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


ansi = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def plain_text(msg):
    """The last line of what a message shows, or ''."""
    content = msg["content"]
    if msg["msg_type"] == "stream":
        text = content.get("text", "")
    else:
        data = content.get("data") or {}
        text = data.get("text/plain") or data.get("text/markdown") or ""
        if not text:
            text = html.unescape(re.sub(r"<[^>]*>", " ", str(data.get("text/html", ""))))
    lines = [" ".join(line.split()) for line in re.split(r"[\r\n]", ansi.sub("", str(text)))]
    lines = [line for line in lines if line]
    return lines[-1][:300] if lines else ""


def last_error(cell, value):
    """The line of a failed cell that says why: a panic's first line, else the last on stderr, else the compiler's."""
    text = "".join(o.get("text", "") for o in cell.get("outputs", []) if o.get("name") == "stderr")
    lines = [line.strip() for line in ansi.sub("", text).splitlines()]
    for line in lines:
        if line.startswith("panic: "):
            return line[len("panic: "):][:300]
    noise = re.compile(r"^(\^C|exit status \d+|signal: .*|goroutine \d+.*|)$")
    lines = [line for line in lines if not noise.match(line)]
    if lines:
        return lines[-1][:300]
    lines = [re.sub(r"^\./main\.go:\d+:\d+: ", "", line) for line in value.splitlines() if line and line[0] != "#"]
    return lines[0][:300] if lines else "the cell failed"


def kernel_error(log):
    """The kernel's last fatal line in its log, or ''."""
    log.seek(0)
    fatal = [line for line in ansi.sub("", log.read()).splitlines() if re.match(r"F\d{4} ", line)]
    return " ".join(fatal[-1].partition("] ")[2].split())[:300] if fatal else ""


class Client(NotebookClient):
    """A NotebookClient that passes on the last line of what cells show."""

    last_output = 0.0

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] in ("stream", "display_data", "update_display_data", "execute_result"):
            now = time.monotonic()
            text = plain_text(msg) if now - self.last_output >= OUTPUT_INTERVAL else ""
            if text:
                self.last_output = now
                emit(event="output", text=text)
        return super().process_message(msg, cell, cell_index)


class Run:
    def __init__(self, source, kernel):
        self.nb = nbformat.read(source, as_version=4)
        self.code = [i for i, c in enumerate(self.nb.cells) if c.cell_type == "code" and c.source.strip()]
        for cell in self.nb.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
                cell.metadata.pop("execution", None)
        self.client = Client(
            self.nb, kernel_name=kernel, timeout=None, startup_timeout=120, record_timing=False, coalesce_streams=True,
            store_widget_state=False, resources={"metadata": {"path": os.path.dirname(os.path.abspath(source))}},
        )
        self.stopping = False
        self.kernel_pid = 0
        # The kernel's temporary files and its log, so that nothing stays behind even when it has to be killed.
        self.tmp = tempfile.mkdtemp(prefix="vsim-notebook-")

    def stop(self):
        if not self.stopping:
            self.stopping = True
            self.stopper = asyncio.ensure_future(self.interrupt())

    async def interrupt(self):
        """Asks again until the cell ends: the kernel passes on an interrupt only once the cell's program runs."""
        end = time.monotonic() + INTERRUPT_SECONDS
        while time.monotonic() < end:
            if self.client.km is not None and self.client.kc is not None:
                await self.client.km.interrupt_kernel()
            await asyncio.sleep(0.25)
        self.main.cancel()

    def watch(self):
        loop = asyncio.get_running_loop()
        for sig in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(sig, self.stop)

        def on_stdin():
            if not os.read(0, 4096):
                loop.remove_reader(0)
                self.stop()

        try:
            loop.add_reader(0, on_stdin)
        except (OSError, ValueError):
            pass  # stdin is a file or /dev/null: no parent to watch

    async def run(self):
        """Executes the cells; returns the exit status."""
        self.main = asyncio.current_task()
        self.watch()
        emit(event="start", cells=len(self.code))
        log = open(os.path.join(self.tmp, "kernel.log"), "w+", encoding="utf-8", errors="replace")
        env = dict(os.environ, TMPDIR=self.tmp)
        try:
            async with self.client.async_setup_kernel(preexec_fn=die_with_parent, env=env, stdout=log, stderr=log):
                self.watch()  # nbclient has put its own handlers there
                self.kernel_pid = getattr(self.client.km.provisioner, "pid", 0) or 0
                emit(event="kernel", pid=self.kernel_pid)
                try:
                    return await self.cells()
                finally:
                    if hasattr(self, "stopper"):
                        self.stopper.cancel()
                    await self.shutdown()
        except asyncio.CancelledError:
            return 130
        except Exception as error:  # the kernel did not start, or did not end well
            if self.stopping:
                return 130
            emit(event="error", text=f"the kernel did not work: {kernel_error(log) or ' '.join(str(error).split())[:300]}")
            return 1
        finally:
            self.kill()
            log.close()
            shutil.rmtree(self.tmp, ignore_errors=True)

    async def cells(self):
        for number, index in enumerate(self.code, start=1):
            if self.stopping:
                return 130
            emit(event="begin", cell=number)
            start = time.monotonic()
            cell = self.nb.cells[index]
            try:
                await self.client.async_execute_cell(cell, index)
            except (CellExecutionError, DeadKernelError) as error:
                if self.stopping:
                    return 130
                value = getattr(error, "evalue", "") or str(error) or "the kernel died"
                emit(event="error", cell=number, text=last_error(cell, value))
                return 1
            emit(event="end", cell=number, seconds=round(time.monotonic() - start, 3))
        return 130 if self.stopping else 0

    async def shutdown(self):
        """A kernel that ends by itself removes its temporary folder; one that does not is killed."""
        try:
            await asyncio.wait_for(self.client.km.shutdown_kernel(), SHUTDOWN_SECONDS)
        except Exception:
            pass

    def kill(self):
        """Ends whatever the kernel left running: it leads a session and a process group of its own."""
        if self.kernel_pid:
            try:
                os.killpg(self.kernel_pid, signal.SIGKILL)
            except OSError:
                pass

    def write(self, path):
        """Writes the notebook in one piece: aside, synced, renamed."""
        aside = f"{path}.{os.getpid()}.tmp"
        try:
            with open(aside, "w", encoding="utf-8") as f:
                nbformat.write(self.nb, f)
                f.flush()
                os.fsync(f.fileno())
            os.replace(aside, path)
        except BaseException:
            try:
                os.unlink(aside)
            except OSError:
                pass
            raise


def main():
    source, out, partial, kernel = sys.argv[1:5]
    try:
        run = Run(source, kernel)
    except Exception as error:
        emit(event="error", text=f"not a notebook: {' '.join(str(error).split())[:300]}")
        return 1
    status = asyncio.run(run.run())
    try:
        run.write(out if status == 0 else partial)
        if status == 0 and os.path.exists(partial):
            os.unlink(partial)
    except OSError as error:
        emit(event="error", text=f"writing the executed copy: {error}")
        return status or 1
    return status


if __name__ == "__main__":
    code = main()
    events.flush()
    os._exit(code)  # nothing of nbclient's is left to wait for
