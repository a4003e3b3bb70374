# SPDX-License-Identifier: Apache-2.0
"""Where the time of a program goes on a CPU, by part: runs what XLA dumped of it under JAX, whose profiler times each kernel. On
one processor, so that kernels that run at once share its time. vsim's plugin has no profiler; JAX's XLA makes the same kernels.

  VSIM_COMPILE_CACHE=off XLA_FLAGS="--xla_dump_to=DIR --xla_dump_hlo_as_text" ./vsim bench --steps 1 ...
  NPROC=1 taskset -c 0 python3 parts.py DIR/module_0000.*.before_optimizations.txt

It prints milliseconds a run by part, how many kernels, and for products the GFLOP/s; --kernels N lists the slowest. Inputs are
random: a part that depends on them (a step that is not finite keeps its weights) may cost something else in training.
"""
import argparse
import collections
import ctypes
import glob
import gzip
import json
import math
import os
import re
import tempfile
import time

os.environ["JAX_ENABLE_X64"] = "1"
libc = ctypes.CDLL(None)
for option, value in ((-8, 1), (-3, 512 << 20), (-1, 2047 << 20)):  # one arena that keeps its memory, as vsim's process does
    libc.mallopt(option, value)

import jax
import numpy as np
from jax._src import xla_bridge
from jax._src.lib import _jax, hlo, xla_client


def program(text):
    """The compiled program, and arrays for its parameters."""
    module = hlo.XlaComputation(hlo.hlo_module_from_text(text).as_serialized_hlo_module_proto())
    client, rng = xla_bridge.get_backend("cpu"), np.random.default_rng(0)

    def array(shape):
        dtype, dims = np.dtype(shape.numpy_dtype()), shape.dimensions()
        if dtype.kind == "f":
            return (rng.random(dims) * .04).astype(dtype)  # none is negative: AdamW takes the root of second moments
        return rng.integers(0, 2, dims).astype(dtype)
    inputs = [jax.device_put(array(s)) for s in module.program_shape().parameter_shapes()]
    devices = _jax.DeviceList(tuple(client.local_devices()))
    return client.compile_and_load(_jax.mlir.xla_computation_to_mlir_module(module), devices, xla_client.CompileOptions()), inputs


def runner(text, executable, inputs):
    """A function that runs the program once, and again on its own results where these replace inputs."""
    aliases = [(int(out or 0), int(i)) for out, i in re.findall(r"\{(\d*)\}: \((\d+), \{\}, m", text.split("\n")[0])]

    def run():
        results = [r[0] for r in executable.execute_sharded(inputs).disassemble_into_single_device_arrays()]
        for result in results:
            result.block_until_ready()
        for out, i in aliases:
            inputs[i] = results[out]
    return run


def profile(run, times, kernels):
    """Microseconds a run of each of these kernels, by its name. Where several run at once, they have the time in equal shares."""
    quiet = jax.profiler.ProfileOptions()
    quiet.python_tracer_level = 0
    with tempfile.TemporaryDirectory() as folder:
        with jax.profiler.trace(folder, profiler_options=quiet):
            for _ in range(times):
                run()
        (trace,) = glob.glob(folder + "/**/*.trace.json.gz", recursive=True)
        events = [e for e in json.load(gzip.open(trace))["traceEvents"] if e.get("dur") and e["name"] in kernels]
    moments = sorted([(e["ts"], 1, e["name"]) for e in events] + [(e["ts"] + e["dur"], -1, e["name"]) for e in events])
    spent, running, before = collections.Counter(), collections.Counter(), 0
    for now, change, name in moments:
        for other, n in running.items():
            spent[other] += n * (now - before) / running.total() / times
        running[name] += change
        running += collections.Counter()  # drops those that ended
        before = now
    return spent


def computations(text):
    """The lines of each computation, by its name, and the name of the entry."""
    found, name, entry = {}, None, None
    for line in text.split("\n"):
        if head := re.match(r"(ENTRY )?%?([\w.\-]+) .*\{$", line):
            name = head[2]
            found[name], entry = [], name if head[1] else entry
        elif name:
            found[name].append(line)
    return found, entry


SHAPE = re.compile(r"\s+(?:ROOT )?%([\w.\-]+) = \(?(\w+)\[([\d,]*)\]")


def flops(lines):
    """Of the products without batch axes, and of those with them."""
    dims, plain, batched = {}, 0, 0
    for line in lines:
        if not (m := SHAPE.match(line)):
            continue
        dims[m[1]] = [int(d) for d in m[3].split(",") if d]
        if dot := re.search(r" dot\(%([\w.\-]+)", line):
            axes = [int(a) for a in re.search(r"lhs_contracting_dims=\{([\d,]*)\}", line)[1].split(",")]
            n = 2 * math.prod(dims[m[1]]) * math.prod(dims[dot[1]][a] for a in axes if dot[1] in dims)
            plain, batched = (plain, batched + n) if "lhs_batch_dims" in line else (plain + n, batched)
    return plain, batched


def part(body, plain, batched, weights):
    """The part of the model that a kernel belongs to."""
    shape = SHAPE.match(body[-1] if len(body) == 1 else next(l for l in body if "ROOT" in l))
    dims, text = [int(d) for d in shape[3].split(",") if d], "\n".join(body)
    if batched:
        return "attention: products and softmax"
    if plain:
        return "products of linear layers"
    if " is-finite(" in text and math.prod(dims) > 1:
        return "AdamW"
    if " erf(" in text or " exponential(" in text and tuple(dims) not in weights and dims[-1] < 8192:
        return "GELU and its gradient"
    if " gather(" in text or " scatter(" in text:
        return "lookups and their gradients"
    if " reduce(" in text or "reduce-window" in text:
        return "sums: LayerNorm, biases, norm of the gradient"
    if tuple(dims) in weights or tuple(reversed(dims)) in weights:
        return "weights and their gradients: type, squares, zeros"
    return "other elements: biases, residuals, LayerNorm, layouts"


def measure(text, times):
    """The lines of the entry and of all computations, the weights' shapes, and microseconds a run: in all, and of each kernel."""
    executable, inputs = program(text)
    weights = {tuple(x.shape) for x in inputs if x.dtype == np.float32 and x.ndim == 2}
    run = runner(text, executable, inputs)
    for _ in range(3):
        run()
    began = time.perf_counter()
    for _ in range(times):
        run()
    usual = (time.perf_counter() - began) / times * 1e6
    found, entry = computations(executable.hlo_modules()[0].to_string())
    kernels = {m[1] for line in found[entry] if (m := SHAPE.match(line))}
    profiles = []
    while len(profiles) < 8 and not (profiles and profiles[-1].total() < 1.05 * usual):
        profiles.append(profile(run, times, kernels))  # in some, XLA's arrays get new pages at each run
    return found[entry], found, weights, usual, min(profiles, key=lambda p: p.total())


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("file")
    p.add_argument("--runs", type=int, default=20)
    p.add_argument("--kernels", type=int, default=0)
    a = p.parse_args()
    entry, found, weights, usual, spent = measure(open(a.file).read(), a.runs)
    total, kernels, work, slowest = collections.Counter(), collections.Counter(), collections.Counter(), []
    for line in entry:
        m = SHAPE.match(line)
        if not m or m[1] not in spent:
            continue
        called = re.search(r"calls=%([\w.\-]+)", line)
        body = found[called[1]] if called else [line]
        # A product that is a kernel of its own names its operands, whose shapes are in the entry.
        plain, batched = flops(body) if called else flops([l for l in entry if " dot(" not in l or l is line])
        name = part(body, plain, batched, weights)
        total[name] += spent[m[1]]
        kernels[name] += 1
        work[name] += plain + batched
        slowest.append((spent[m[1]], name, m[1], f"{m[2]}[{m[3]}]"))
    print(f"{usual / 1e3:.1f} ms a run, and {total.total() / 1e3:.1f} ms with the profiler")
    for name, us in total.most_common():
        speed = f"{work[name] / us / 1e3:6.0f} GFLOP/s" if work[name] else ""
        print(f"{us / 1e3:8.2f} ms {100 * us / total.total():5.1f}% {kernels[name]:5d} kernels  {name} {speed}")
    for us, name, kernel, shape in sorted(slowest, reverse=True)[:a.kernels]:
        print(f"{us / 1e3:8.3f} ms  {kernel} {shape}: {name}")


if __name__ == "__main__":
    main()
