#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times readers of the competition's record files against each other, in turns, and prints one JSON object.

    pip install tensorflow-cpu==2.21.0 tfrecord==1.14.6 numpy
    vsim data synth --like competition --pointwise 10000 --pairs 0 --out bench
    python3 data/bench_readers.py bench/pointwise/pretrain_0.tfrecords

Each reader is a process of its own on one core and decodes id, title, asr_text, tag_id and the frames, as float16, of every record:

    vsim      corpus.Set.Read through go test's BenchmarkRead, in random order by its index; checks both checksums and every value
    tf.data   TFRecordDataset, batches of 32 through tf.io.parse_example and tf.io.decode_raw; checks both checksums
    tfrecord  tfrecord_loader of the PyPI package and numpy.frombuffer; checks none

videos_per_core_s counts the processor's time that the process takes, all its threads together, so that other programs do not
matter; videos_per_s counts the time that passes. Both are medians over the rounds. The file should fit into the page cache.
"""
import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import time

BATCH = 32


def tf_data(path):
    """Yields batches of videos as [(id, title, asr_text, tags, frames)]."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    spec = {name: tf.io.FixedLenFeature([], tf.string) for name in ("id", "title", "asr_text")}
    spec["tag_id"] = tf.io.RaggedFeature(tf.int64)
    spec["frame_feature"] = tf.io.RaggedFeature(tf.string)

    def decode(records):
        e = tf.io.parse_example(records, spec)
        frames = tf.io.decode_raw(e["frame_feature"].flat_values, tf.float16)
        return e["id"], e["title"], e["asr_text"], e["tag_id"].flat_values, e["tag_id"].row_splits, frames, e["frame_feature"].row_splits

    options = tf.data.Options()
    options.threading.private_threadpool_size = 1
    options.threading.max_intra_op_parallelism = 1
    dataset = tf.data.TFRecordDataset(path).repeat().batch(BATCH).map(decode).with_options(options)
    for ids, titles, asr, tags, tag_rows, frames, frame_rows in dataset.as_numpy_iterator():
        yield [
            (int(ids[i]), titles[i].decode(), asr[i].decode(), tags[tag_rows[i] : tag_rows[i + 1]], frames[frame_rows[i] : frame_rows[i + 1]])
            for i in range(len(ids))
        ]


def tfrecord(path):
    import numpy as np
    from tfrecord.reader import tfrecord_loader

    spec = {"id": "byte", "title": "byte", "asr_text": "byte", "tag_id": "int", "frame_feature": "byte"}
    while True:
        batch = []
        for e in tfrecord_loader(path, None, spec):
            frames = e["frame_feature"]  # one is given as bytes, several as an array of them
            count = 1 if isinstance(frames, bytes) else len(frames)
            frames = np.frombuffer(frames, np.float16).reshape(count, -1)
            batch.append((int(e["id"]), e["title"].decode(), e["asr_text"].decode(), e["tag_id"], frames))
            if len(batch) == BATCH:
                yield batch
                batch = []


def spent():
    use = resource.getrusage(resource.RUSAGE_SELF)
    return use.ru_utime + use.ru_stime


def measure(batches, seconds):
    """Reads for so long, after two batches to warm up, and returns videos per second of time and of processor time."""
    next(batches), next(batches)
    videos, values, began, used = 0, 0, time.perf_counter(), spent()
    while time.perf_counter() - began < seconds:
        for _, _, _, _, frames in next(batches):
            assert frames.dtype == "float16" and frames.ndim == 2
            videos, values = videos + 1, values + frames.size
    assert values > 0
    return {"videos_per_s": videos / (time.perf_counter() - began), "videos_per_core_s": videos / (spent() - used)}


def vsim(path, seconds):
    command = ["go", "test", "./vsimlib/corpus", "-run", "^$", "-bench", "^BenchmarkRead$", "-cpu", "1", "-benchtime", f"{seconds}s"]
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    out = subprocess.run(command, cwd=root, env={**os.environ, "VSIM_RECORDS": path}, capture_output=True, text=True, check=True).stdout
    value = {unit: float(x) for x, unit in re.findall(r"([\d.e+]+) (MB/s|GB/core-s|videos/s)", out)}
    return {"videos_per_s": value["videos/s"], "videos_per_core_s": value["GB/core-s"] * 1e3 / value["MB/s"] * value["videos/s"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="record file in the competition's schema")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="of each reader in a round")
    parser.add_argument("--tf-python", default=sys.executable, help="Python that has tensorflow-cpu")
    parser.add_argument("--tfrecord-python", default=sys.executable, help="Python that has tfrecord")
    parser.add_argument("--only", choices=["tf.data", "tfrecord"], help=argparse.SUPPRESS)  # what a child does
    args = parser.parse_args()
    path = os.path.abspath(args.file)
    if args.only:
        print(json.dumps(measure({"tf.data": tf_data, "tfrecord": tfrecord}[args.only](path), args.seconds)))
        return
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # for all children
    with open(path, "rb") as f:  # into the page cache
        while f.read(1 << 24):
            pass
    vsim(path, 0.1)  # builds it

    def child(python, name):
        command = [python, os.path.abspath(__file__), path, "--only", name, "--seconds", str(args.seconds)]
        return json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()[-1])

    readers = {
        "vsim": lambda: vsim(path, args.seconds),
        "tf.data": lambda: child(args.tf_python, "tf.data"),
        "tfrecord": lambda: child(args.tfrecord_python, "tfrecord"),
    }
    rounds = {name: [] for name in readers}
    for _ in range(args.rounds):
        for name, read in readers.items():
            rounds[name].append(read())
    result = {name: {key: round(statistics.median(r[key] for r in runs)) for key in runs[0]} for name, runs in rounds.items()}
    best = max(result["tf.data"]["videos_per_core_s"], result["tfrecord"]["videos_per_core_s"])
    result["ratio"] = round(result["vsim"]["videos_per_core_s"] / best, 2)
    print(json.dumps({"file_bytes": os.path.getsize(path), "rounds": args.rounds, **result}))


if __name__ == "__main__":
    main()
