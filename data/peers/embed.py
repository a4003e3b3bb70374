# SPDX-License-Identifier: Apache-2.0
"""Embeds the records of a file with a model of vsim, end to end, by other engines: videos sorted by length within windows, so that
little padding is computed, and read ahead of the engine. It prints a line of JSON with videos_per_s.

  python3 embed.py --model MODEL --records FILE [--engine torch|onnxruntime|openvino] [--dtype bfloat16] [--cache DIR]
                   [--compare E.safetensors]

--compare prints the least cosine to the embeddings that vsim wrote. The pooling must be masked_mean.
"""
import argparse
import contextlib
import json
import pathlib
import queue
import struct
import tempfile
import threading
import time

import numpy as np


def records(path):
    """The payloads of a TFRecord file; checksums are not checked."""
    with open(path, "rb") as f:
        while head := f.read(12):
            yield f.read(struct.unpack("<Q", head[:8])[0])
            f.read(4)


def fields(data):
    """Number and bytes of the fields of a protobuf message that have a length."""
    at = 0
    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value
    while at < len(data):
        key = varint()
        size = varint()
        if key & 7 == 2:
            yield key >> 3, data[at:at + size]
            at += size


def example(payload):
    """The lists of bytes of a tf.train.Example, by name."""
    found = {}
    for _, features in fields(memoryview(payload)):
        for _, entry in fields(features):
            (_, name), (_, feature) = fields(entry)
            for kind, values in fields(feature):
                if kind == 1:
                    found[bytes(name).decode()] = [v for _, v in fields(values)]
    return found


def videos(a, config, vocabulary):
    """Id, token ids and frames [n, frame_dim] float16 of each record. A title of Chinese characters is a token each."""
    for payload in records(a.records):
        e = example(payload)
        title = bytes(e["title"][0]).decode()
        tokens = [vocabulary.get(c, vocabulary["[UNK]"]) for c in title][:config["max_text"] - 3]
        ids = [vocabulary["[CLS]"], vocabulary["[SEP]"], *tokens, vocabulary["[SEP]"]]
        frames = [np.frombuffer(f, np.float16) for f in e.get("frame_feature", [])]
        step = len(frames) / config["max_frames"]
        if step > 1:
            frames = [frames[int((i + .5) * step)] for i in range(config["max_frames"])]
        yield int(bytes(e["id"][0])), ids, frames


def batches(a, config, vocabulary):
    """Batches of videos of about the same length, from windows of 32 batches."""
    window = []
    def sorted_batches():
        window.sort(key=lambda v: len(v[1]) + len(v[2]))
        for i in range(0, len(window), a.batch):
            yield arrays(window[i:i + a.batch], config)
    for video in videos(a, config, vocabulary):
        window.append(video)
        if len(window) == 32 * a.batch:
            yield from sorted_batches()
            window = []
    yield from sorted_batches()


def arrays(group, config):
    """Ids of the videos, and the arrays of a batch; each video's tokens come before its frames."""
    b, t, n = len(group), max(len(v[1]) for v in group), max(1, max(len(v[2]) for v in group))
    longest = max(len(v[1]) + len(v[2]) for v in group)
    ids, frames = np.zeros((b, t), np.int64), np.zeros((b, n, config["frame_dim"]), np.float16)
    source, real = np.zeros((b, longest), np.int64), np.zeros((b, longest), np.float32)
    for i, (_, tokens, shots) in enumerate(group):
        x, y = len(tokens), len(shots)
        ids[i, :x] = tokens
        if y:
            frames[i, :y] = shots
        source[i, :x], source[i, x:x + y] = i * t + np.arange(x), b * t + i * n + np.arange(y)
        real[i, :x + y] = 1
    return [v[0] for v in group], (ids, frames, source, real)


def ahead(iterator, depth=4):
    """The items of an iterator, which runs in a thread of its own."""
    line = queue.Queue(depth)
    def run():
        for item in iterator:
            line.put(item)
        line.put(None)
    threading.Thread(target=run, daemon=True).start()
    while (item := line.get()) is not None:
        yield item


def module(a, config):
    """The model as a torch module of (ids [B,T], frames [B,N,R], source [B,L], real [B,L])."""
    import torch
    from safetensors.torch import load_file
    from torch.nn import functional as F
    h, heads = config["hidden_size"], config["num_attention_heads"]
    weights = load_file(pathlib.Path(a.model) / "model.safetensors")
    for i in range(config["num_hidden_layers"]):
        for part in "weight", "bias":
            n = f"bert.encoder.layer.{i}.attention.self."
            weights[n + "qkv." + part] = torch.cat([weights.pop(n + k + "." + part) for k in ("query", "key", "value")])

    class Embedder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.w = torch.nn.ParameterDict(
                {k.replace(".", "/"): torch.nn.Parameter(v, requires_grad=False) for k, v in weights.items()
                 if not k.startswith(("cls.", "mfm.", "tag_fc"))})

        def get(self, name):
            return self.w[name.replace(".", "/")]

        def linear(self, name, x):
            return F.linear(x, self.get(name + ".weight"), self.get(name + ".bias"))

        def norm(self, name, x):
            return F.layer_norm(x, (h,), self.get(name + ".weight"), self.get(name + ".bias"), 1e-12)

        def embed(self, name, x):
            return self.norm(name + ".LayerNorm", x + self.get(name + ".position_embeddings.weight")[:x.shape[1]]
                             + self.get(name + ".token_type_embeddings.weight")[0])

        def forward(self, ids, frames, source, real):
            t = self.embed("bert.embeddings", F.embedding(ids, self.get("bert.embeddings.word_embeddings.weight")))
            v = self.embed("video_embeddings", self.linear("video_fc", frames.float()))
            b, s = source.shape
            x = torch.cat([t.reshape(-1, h), v.reshape(-1, h).to(t.dtype)]).index_select(0, source.flatten()).view(b, s, h)
            bias = ((1 - real) * -10000)[:, None, None, :]
            for i in range(config["num_hidden_layers"]):
                n = f"bert.encoder.layer.{i}."
                q, k, v = self.linear(n + "attention.self.qkv", x).view(b, s, 3, heads, h // heads).permute(2, 0, 3, 1, 4)
                y = F.scaled_dot_product_attention(q, k, v, attn_mask=bias.to(q.dtype)).transpose(1, 2).reshape(b, s, h)
                x = self.norm(n + "attention.output.LayerNorm", x + self.linear(n + "attention.output.dense", y))
                y = self.linear(n + "output.dense", F.gelu(self.linear(n + "intermediate.dense", x)))
                x = self.norm(n + "output.LayerNorm", x + y)
            pooled = (x * real[..., None]).sum(1) / real.sum(1, keepdim=True)
            return F.normalize(self.linear("embedding_fc", pooled).float(), dim=-1)
    return Embedder().eval()


def exported(a, config, folder):
    """The module as an ONNX file with free axes, which a cache has."""
    path = pathlib.Path(folder) / "model.onnx"
    if path.exists():
        return str(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    import torch
    _, x = next(batches(a, config, vocabulary_of(a)))
    d = torch.export.Dim
    b, t, n, s = d("b", min=2), d("t", min=2), d("n", min=2), d("s", min=2)
    torch.onnx.export(module(a, config), tuple(torch.from_numpy(v) for v in x), str(path), dynamo=True, verbose=False,
                      input_names=["ids", "frames", "source", "real"], output_names=["rows"],
                      dynamic_shapes=({0: b, 1: t}, {0: b, 1: n}, {0: b, 1: s}, {0: b, 1: s}))
    return str(path)


def engine(a, config):
    """A function of the arrays of a batch, and the engine's version."""
    if a.engine == "torch":
        import torch
        torch.set_num_threads(a.threads)
        model = module(a, config)
        def run(x):
            with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.dtype == "bfloat16"):
                return model(*map(torch.from_numpy, x)).numpy()
        return run, "torch " + torch.__version__
    with contextlib.nullcontext(a.cache) if a.cache else tempfile.TemporaryDirectory() as folder:
        path = exported(a, config, folder)
        names = ["ids", "frames", "source", "real"]
        if a.engine == "onnxruntime":
            import onnxruntime
            if a.dtype != "float32":
                raise SystemExit("embed.py: --dtype: onnxruntime on a CPU has float32 only")
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = a.threads
            session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
            return lambda x: session.run(None, dict(zip(names, x)))[0], "onnxruntime " + onnxruntime.__version__
        import openvino
        core = openvino.Core()
        kind = {"float32": "f32", "bfloat16": "bf16"}[a.dtype]
        settings = {"INFERENCE_PRECISION_HINT": kind, "INFERENCE_NUM_THREADS": a.threads}
        if a.cache:
            settings["CACHE_DIR"] = a.cache
        compiled = core.compile_model(core.read_model(path), "CPU", settings)
        request = compiled.create_infer_request()
        return lambda x: request.infer(dict(zip(names, x)))[0].copy(), "openvino " + openvino.__version__


def vocabulary_of(a):
    return {w: i for i, w in enumerate((pathlib.Path(a.model) / "vocab.txt").read_text().split("\n"))}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", required=True)
    p.add_argument("--records", required=True)
    p.add_argument("--engine", choices=["torch", "onnxruntime", "openvino"], default="torch")
    p.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    p.add_argument("--batch", type=int, default=64)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--cache", help="folder that keeps the exported model and what OpenVINO compiled; else each run makes both")
    p.add_argument("--compare", help="embeddings file that vsim wrote")
    a = p.parse_args()
    config = json.loads((pathlib.Path(a.model) / "config.json").read_text())
    if config["pooling"] != "masked_mean":
        raise SystemExit("embed.py: --model: its pooling is " + config["pooling"] + ", not masked_mean")
    run, version = engine(a, config)
    began, cpu = time.perf_counter(), time.process_time()
    ids, rows = [], []
    for group, x in ahead(batches(a, config, vocabulary_of(a))):
        ids += group
        rows.append(run(x))
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    result = dict(videos_per_s=len(ids) / seconds, videos=len(ids), seconds=seconds, cpu_s=cpu, version=version)
    if a.compare:
        from safetensors.numpy import load_file
        theirs = load_file(a.compare)
        of = {int(i): r for i, r in zip(theirs["ids"], theirs["embeddings"])}
        result["least_cosine"] = float(min(r @ of[i] for i, r in zip(ids, np.concatenate(rows))))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
