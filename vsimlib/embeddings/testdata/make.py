# SPDX-License-Identifier: Apache-2.0
"""Writes python.safetensors beside this script (made with safetensors 0.8.0, numpy 2.3.5)."""

import os

import numpy as np
from safetensors.numpy import save_file

save_file(
    {
        "ids": np.array([9007199254740993, 2, 1], dtype=np.int64),
        "embeddings": np.array([[0.5, -1], [2, 3], [4, 5]], dtype=np.float32),
    },
    os.path.join(os.path.dirname(os.path.abspath(__file__)), "python.safetensors"),
)
