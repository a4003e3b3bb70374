# SPDX-License-Identifier: Apache-2.0
"""Writes the fixtures of package safetensors with the Python package (made with safetensors 0.8.0, torch 2.9.1).

    python make.py             writes python_mixed.safetensors and python_plain.safetensors beside this script
    python make.py check FILE  reads FILE and holds it against the same tensors
"""

import os
import sys

import torch
from safetensors import safe_open
from safetensors.torch import save_file


def tensors():
    """Every dtype that the Go package knows; element i is i, and the last float is negative."""
    out = {}
    for name, dtype in [
        ("bool", torch.bool), ("u8", torch.uint8), ("i8", torch.int8), ("i16", torch.int16), ("u16", torch.uint16),
        ("f16", torch.float16), ("bf16", torch.bfloat16), ("i32", torch.int32), ("u32", torch.uint32),
        ("f32", torch.float32), ("f64", torch.float64), ("i64", torch.int64), ("u64", torch.uint64),
    ]:
        values = [0, 1, 1, 0, 1, 0] if dtype == torch.bool else [0, 1, 2, 3, 4, -5 if dtype.is_floating_point else 5]
        out["all." + name] = torch.tensor(values, dtype=dtype).reshape(2, 3)
    out["scalar"] = torch.tensor(1.5)
    out["empty"] = torch.zeros(0, 7)
    out["名字 \"quoted\" <&>\n"] = torch.tensor([-1], dtype=torch.int8)
    return out


METADATA = {"format": "pt"}


def check(path):
    want = tensors()
    with safe_open(path, framework="pt") as f:
        assert sorted(f.keys()) == sorted(want), f.keys()
        assert f.metadata() == METADATA, f.metadata()
        for name, tensor in want.items():
            got = f.get_tensor(name)
            assert got.dtype == tensor.dtype and got.shape == tensor.shape and torch.equal(got, tensor), name
    print("equal")


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    if len(sys.argv) == 3 and sys.argv[1] == "check":
        check(sys.argv[2])
    else:
        save_file(tensors(), os.path.join(here, "python_mixed.safetensors"), METADATA)
        save_file({"w": torch.arange(6, dtype=torch.float32).reshape(3, 2)}, os.path.join(here, "python_plain.safetensors"))
