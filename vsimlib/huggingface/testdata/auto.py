#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Load a model directory as it is with the Auto classes of transformers, and run it on texts.

    python auto.py MODEL TEXTS LENGTH OUT.safetensors

TEXTS is a JSON list. OUT has ids and mask [B,T] of the tokenizer, and last_hidden_state [B,T,H] of the model.
"""
import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModel, AutoTokenizer

directory, texts, length, out = sys.argv[1:]
config = AutoConfig.from_pretrained(directory)
tokenizer = AutoTokenizer.from_pretrained(directory)
model, loaded = AutoModel.from_pretrained(directory, output_loading_info=True)
fresh = sorted(key for key in loaded["missing_keys"] if not key.startswith("pooler."))  # vsim has no pooler
if fresh or loaded["mismatched_keys"]:
    sys.exit(f"weights that the directory lacks: {fresh} {loaded['mismatched_keys']}")
given = tokenizer(json.loads(pathlib.Path(texts).read_text()), padding="max_length", truncation=True, max_length=int(length),
                  return_tensors="pt")
with torch.no_grad():
    hidden = model.eval()(input_ids=given["input_ids"], attention_mask=given["attention_mask"]).last_hidden_state
save_file({"ids": given["input_ids"].int(), "mask": given["attention_mask"].int(), "last_hidden_state": hidden.contiguous()}, out,
          metadata={"config": type(config).__name__, "model": type(model).__name__, "tokenizer": type(tokenizer).__name__})
