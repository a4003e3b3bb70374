#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Starts pretraining on corpora of several sizes and prints, a JSON line each, how long it takes to the first step, with no index yet
and with one, and the most memory that the first steps take.

    vsim data synth --like competition --pointwise 200000 --pairs 0 --out big
    mkdir -p half/pointwise && ln -s "$PWD"/big/*.t* half && ln -s "$PWD"/big/pointwise/pretrain_[01].tfrecords half/pointwise
    python3 data/bench_scale.py --vsim ./vsim half big

Memory is what the process holds itself (RssAnon of /proc, and VmHWM, its peak with libraries): the files lie in the system's page
cache, which it can take back at any time. The indexes in the user's cache folder are removed first; vsim makes them anew.
"""
import argparse
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

SETTINGS = [
    *("model.num_hidden_layers=2", "model.hidden_size=128", "model.intermediate_size=512", "model.num_attention_heads=4"),
    *("model.max_frames=32", "model.max_text=36", "pretrain.batch=32", "pretrain.epochs=1", "pretrain.checkpoint_every=1000000"),
]


def steps(path):
    if not os.path.exists(path):
        return 0
    with open(path, "rb") as f:
        return f.read().count(b'"loss"')


def memory(pid):
    with open(f"/proc/{pid}/status") as f:
        fields = dict(line.split(":", 1) for line in f)
    return {name: int(fields[name].split()[0]) * 1024 for name in ("VmHWM", "RssAnon", "RssFile")}


def start(args, corpus):
    """Pretrains for args.steps steps and stops."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "run")
        command = [args.vsim, "pretrain", "--corpus", corpus, "--recipe", "demo", "--out", out]
        command += [x for setting in SETTINGS for x in ("--set", setting)]
        began = time.perf_counter()
        child = subprocess.Popen(command, stderr=subprocess.PIPE if not args.verbose else None, text=True)
        try:
            while not steps(os.path.join(out, "metrics.jsonl")):
                if child.poll() is not None:
                    raise SystemExit(child.stderr.read() if child.stderr else "vsim failed")
                time.sleep(0.02)
            result = {"first_step_s": round(time.perf_counter() - began, 2)}
            while steps(os.path.join(out, "metrics.jsonl")) < args.steps and child.poll() is None:
                time.sleep(0.05)
            result.update(memory(child.pid))
            with open(os.path.join(out, "metrics.jsonl")) as f:
                rates = sorted(json.loads(line)["videos_per_s"] for line in list(f)[5:-1])
            result["videos_per_s"] = round(rates[len(rates) // 2], 1)
            return result
        finally:
            child.send_signal(signal.SIGTERM)
            child.communicate()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+")
    parser.add_argument("--vsim", default="./vsim")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    for corpus in args.corpora:
        shutil.rmtree(os.path.join(cache, "vsim", "index"), ignore_errors=True)
        for indexed in (False, True):
            print(json.dumps({"corpus": corpus, "indexed": indexed, **start(args, corpus)}), flush=True)


if __name__ == "__main__":
    main()
