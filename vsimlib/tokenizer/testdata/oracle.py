# SPDX-License-Identifier: Apache-2.0
"""Writes the expected values of package token with transformers' BertTokenizer (made with transformers 5.23.0, tokenizers 0.23.3).

    python oracle.py VOCAB               writes cases.json and sweep.json beside this script
    python oracle.py VOCAB cases         only cases.json
    python oracle.py VOCAB random N OUT  writes N random texts and their ids to OUT, for a comparison by hand

VOCAB is data/emoji/vocab.txt of this repository.
"""

import hashlib
import json
import os
import random
import sys

from transformers import BertTokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
tokenizer = BertTokenizer(vocab=sys.argv[1], do_lower_case=True)
normalize = tokenizer.backend_tokenizer.normalizer.normalize_str
split = tokenizer.backend_tokenizer.pre_tokenizer.pre_tokenize_str


def ids(text):
    return tokenizer(text, add_special_tokens=False)["input_ids"]


WRITTEN = [
    "", " ", "\n\t\r ", "今天天气很好，我们去公园吧！", "Hello, World! It's a TEST-case.", "2021年11月3日 3.14 1,000元 50%",
    "ＡＢＣ　１２３！？（全角）", "😀😂🔥👨‍👩‍👧‍👦🇨🇳👍🏽❤️", "a\u0000b\u0007c\u200bd\ufeffe\u202ef\u00adg", "caf\u00e9 cafe\u0301 \u0130stanbul \u00c5ngstr\u00f6m na\u00efve \u00df \u1e9e",
    "\ud55c\uad6d\uc5b4 \uac01 \u1112\u1161\u11ab", "\u3053\u3093\u306b\u3061\u306f \u30c7\u30fc\u30bf \uff83\uff9e\uff70\uff80", "\u039f\u0394\u039f\u03a3 \u03a3 \u03c3\u03c2", "\u0421\u044a\u0435\u0448\u044c \u0451\u0439 \u0401\u0419",
    "[MASK]", "x[MASK]y", "[mask] [Mask] [ MASK ]", "中[SEP]文[CLS][PAD][UNK]", "[[MASK]]", "[MASK", "[MAS[MASK]K]", "[MASK]\u0301a", "e[SEP]\u0301", "[unused1] [unused99]",
    "##ing ing ##", "\u2028", "a\u2028b\u2029c\u0085d", "\ue000\uf8ff\U000f0000\U0010ffff", "\u0378\uffff\U0003ffff", "\ufffd", "\U0002a6d6\U0002b820\U0002ceb0\U00030000", "\uf900\uf901\U0002f800",
    "\u09be\u09cd \u0b95\u0bbe \u0915\u094d\u0937\u093f", "a\u0334\u0345\u0301\u0327b", "\u302e\u302f\u302e\u3099", "a" * 100, "a" * 101, "\u4e2d" * 101, "e\u0301" * 100, "\u00e9" * 101, "\uac01" * 34, "z" * 1000,
    "https://www.bilibili.com/video/BV1xx411c7mD?p=1&t=30s", "C++ C# .NET AT&T x^2 $5 ~/a_b|c `d`", "don't \u2018quote\u2019 \u201cquote\u201d \u2026 \u2014 \u00b7 \u3001\u3002\u300a\u300b", "\u2460\u00bd\u2167\u00b2", "A\u0300" + "\u0301" * 40 + "\u302e\u1b44" * 20,
]

POOLS = [
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", " \t\n\r\u00a0\u3000\u2003\u2028",
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会", "ÀÉÎõüçñßØøÅåİıŁłŞşǅǆﬁﬀẞ", "ＡＺａｚ０９！？＃＠（）［］", "😀😂🔥👍🏽🇨🇳❤️👨👩👧🎉",
    "\u0000\u0001\u0007\u007f\u0085\u009f\u00ad\u0600\u061c\u06dd\u180e", "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0f\ufe0e", "\u0300\u0301\u0308\u0323\u0327\u0334\u0345\u034f\u20dd\u0488",
    "\u302e\u302f\u1b44\u1baa\u1bf2\ua953\ua9c0\U000111c0\U0001d165\U0001d16d\U00011442\U0001e001\U0001e944\u08d4\u1dfb\u1dfa\u08d3\u0c3c", "가각힣한국어뷁", "ᄒ\u1161\u11abᄀ\u11a8ㄱㅏ", "\ue000\uf8ff\U000f0000\U0010fffd",
    "\u0378\u0379\uffff\ufffe\U0003fffd\U000e0fff\U00011938\U00016121\U000105c9", "こんにちはカタカナーﾃﾞ゙゚", "αβγΑΒΓΣςάΆ", "Ёйжъ", "\u05d0\u05b8\u0627\u064e\u0915\u094d\u093f\u0e01\u0e33", "\u4dff\u9fff\u3400\u4dbf\U00020000\U0002a6df\U0002b740\U0002ceaf\uf900\U0002f800\U00030000",
]
LITERALS = ["[MASK]", "[SEP]", "[CLS]", "[PAD]", "[UNK]", "[mask]", "[MASK", "[", "]", "##", "[unused1]"]
VOCAB = [t for t in tokenizer.get_vocab() if t]
VOCAB.sort()


def random_text(r):
    kind, parts = r.random(), []
    pools = r.sample(POOLS, r.randint(1, 4))
    for _ in range(int(r.expovariate(1 / 15))):
        x = r.random()
        if x < 0.03:
            parts.append(r.choice(LITERALS))
        elif x < 0.10:
            parts.append(r.choice(VOCAB).removeprefix("##"))
        elif x < 0.15:
            c = r.randrange(0x110000) if r.random() < 0.3 else r.randrange(0x3000)
            parts.append("" if 0xD800 <= c < 0xE000 else chr(c))
        else:
            parts.append(r.choice(r.choice(pools)))
    if kind < 0.01:
        parts.append(r.choice(POOLS[0] + "é가") * r.randint(90, 110))
    return "".join(parts)


def cases():
    r = random.Random(20211103)
    texts = WRITTEN + [random_text(r) for _ in range(300)]
    encodings = []
    for text in WRITTEN[:20] + ["长" * 40, "a长" * 40, "[SEP]" * 50, "x" * 300 + " 好" * 33, "好" * 33, "好" * 34, "好" * 35]:
        for n in (5, 20, 36):
            # As a batch of one: tokenizer("", "") takes an empty second text for none and gives [CLS] [SEP], where a batch,
            # and the competition's encode_plus(["", title]), give [CLS] [SEP] [SEP].
            pair = {k: v[0] for k, v in tokenizer([""], [text], truncation=True, max_length=n, padding="max_length").items()}
            single = tokenizer(text, truncation=True, max_length=n, padding="max_length")
            assert text == "" or pair["input_ids"] == tokenizer("", text, truncation=True, max_length=n, padding="max_length")["input_ids"]
            encodings.append({
                "text": text, "max_text": n,
                "cls_first": {"ids": pair["input_ids"], "mask": pair["attention_mask"]},
                "frames_first": {"ids": single["input_ids"], "mask": single["attention_mask"]},
            })
    return {"texts": [{"text": t, "ids": ids(t)} for t in texts], "encodings": encodings}


def sweep():
    """sha256 (16 digits) of the ids and of the words of every code point, a hash for each 65,536 of them."""
    out = {"alone": [], "latin": [], "chinese": [], "words": []}
    for block in range(0, 0x110000, 0x10000):
        hashes = {name: hashlib.sha256() for name in out}
        for c in range(block, block + 0x10000):
            if 0xD800 <= c < 0xE000:
                continue
            ch = chr(c)
            for name, text in (("alone", ch), ("latin", "a" + ch + "b"), ("chinese", "中" + ch + "文")):
                hashes[name].update((" ".join(map(str, ids(text))) + "\n").encode())
            hashes["words"].update((" ".join(w for w, _ in split(normalize("a" + ch + "b"))) + "\n").encode())
        for name, h in hashes.items():
            out[name].append(h.hexdigest()[:16])
    return out


def write(path, value):
    with open(path, "w", encoding="ascii") as f:
        json.dump(value, f, separators=(",", ":"))
        f.write("\n")


if __name__ == "__main__":
    if len(sys.argv) == 5 and sys.argv[2] == "random":
        r = random.Random(1)
        texts = [random_text(r) for _ in range(int(sys.argv[3]))]
        write(sys.argv[4], {"texts": [{"text": t, "ids": ids(t)} for t in texts]})
    else:
        write(os.path.join(HERE, "cases.json"), cases())
        if len(sys.argv) == 2:
            write(os.path.join(HERE, "sweep.json"), sweep())
