#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make golden.tfrecords and golden.json beside this script with other people's code.

    pip install tfrecord==1.14.6 protobuf==7.36.2 crc32c==2.9.post0 numpy==2.4.6 && python make_golden.py

The records are framed and encoded by the PyPI package tfrecord; the JSON is what protobuf's own parser reads from them.
"""
import json
import pathlib
import struct

import numpy as np
from tfrecord import example_pb2
from tfrecord.writer import TFRecordWriter

HERE = pathlib.Path(__file__).parent


def dump(example):
    out = {}
    for name, f in example.features.feature.items():
        kind = f.WhichOneof("kind") or "none"
        values = list(getattr(f, kind).value) if kind != "none" else []
        if kind == "bytes_list":
            values = [v.hex() for v in values]
        elif kind == "float_list":
            values = [struct.unpack("<I", struct.pack("<f", v))[0] for v in values]
        else:
            values = [str(v) for v in values]
        out[name] = {"kind": kind, "values": values}
    return out


def golden():
    rng = np.random.default_rng(7)
    rows = []
    for i, frames in enumerate((3, 0, 1, 5)):
        row = {
            "id": ([str(2**63 - 1 - i).encode()], "byte"),
            "title": (["一只猫 cat 🐱".encode() if i else b""], "byte"),
            "asr_text": ([b""], "byte"),
            "frame_feature": ([rng.standard_normal(6).astype("<f2").tobytes() for _ in range(frames)], "byte"),
            "weights": ([0.5, -1.25e-30, float(i)], "float"),
        }
        if i != 2:
            row["tag_id"] = ([0, 1, -1, 2**62, -(2**63)][: i + 2], "int")
            row["category_id"] = ([10100 + i], "int")
        rows.append(row)
    path = HERE / "golden.tfrecords"
    writer = TFRecordWriter(str(path))
    for row in rows:
        writer.write(row)
    writer.close()
    data, want = path.read_bytes(), []
    at = 0
    while at < len(data):
        (n,) = struct.unpack_from("<Q", data, at)
        want.append(dump(example_pb2.Example.FromString(data[at + 12 : at + 12 + n])))
        at += 16 + n
    (HERE / "golden.json").write_text(json.dumps(want, indent=1, sort_keys=True) + "\n", "utf8")


if __name__ == "__main__":
    golden()
