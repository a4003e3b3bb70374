# SPDX-License-Identifier: Apache-2.0
"""What the peers of the pretraining step share: sizes, batches as numpy arrays without padding, golden cases, and the timing."""
import argparse
import json
import pathlib
import statistics
import time

import numpy as np

GOLDEN = pathlib.Path(__file__).parents[2] / "vsimlib/step/testdata/golden"


def arguments(description):
    p = argparse.ArgumentParser(description=description)
    sizes = dict(layers=4, hidden=256, heads=4, intermediate=1024, vocab=21128, tags=10000, frame_dim=1536, frames=32, text=36)
    for name, value in dict(sizes, batch=32, steps=10).items():
        p.add_argument("--" + name.replace("_", "-"), type=int, default=value)
    p.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    p.add_argument("--lengths", choices=["full", "competition"], default="full")
    p.add_argument("--dropout", type=float, default=0, help="probability, of hidden states and of attention")
    p.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    p.add_argument("--threads", type=int, default=2)
    p.set_defaults(weight_tag=1250 / 3, weight_mlm=1 / 3.75, weight_mfm=1 / 9)
    p.add_argument("--golden", action="store_true", help="check losses and gradients on the golden cases instead")
    return p


def competition_lengths(n, random):
    """Frames and tokens of n videos, distributed as package synth has them."""
    frames = np.interp(random.random(n), [0, .1, .25, .5, .75, .9, 1], [1, 9, 10, 13, 20, 32, 32]).round().clip(5, 32)
    tokens = (18.7 + 7.2 * random.standard_normal(n)).clip(3, 33).astype(int) + 3
    return frames.astype(int), tokens


def batch(a, random):
    """A batch with as many frames and tokens as a.lengths says, 15% of the tokens and 13.5% of the frames masked."""
    if a.lengths == "full":
        frames, tokens = np.full(a.batch, a.frames), np.full(a.batch, a.text)
    else:
        frames, tokens = competition_lengths(a.batch, random)
    ids = [np.r_[101, random.integers(104, a.vocab, n - 2), 102] for n in tokens]
    mask = [np.r_[0, random.random(n - 2) < .15, 0].astype(bool) for n in tokens]
    features = [random.standard_normal((n, a.frame_dim), dtype=np.float32) for n in frames]
    hidden = [random.random(n) < .135 for n in frames]
    labels = np.concatenate([i[m] for i, m in zip(ids, mask)])
    for i, m in zip(ids, mask):
        i[m] = 103
    tags = np.stack([random.choice(a.tags, 5, replace=False) for _ in range(a.batch)])
    return arrays(ids, mask, labels, features, hidden, tags)


def arrays(ids, mask, labels, features, hidden, tags):
    """The arrays of a batch: positions of all videos one after the other, of each its tokens and then its frames."""
    b, tokens, frames = len(ids), [len(i) for i in ids], [len(f) for f in features]
    lengths = np.add(tokens, frames)
    start = np.r_[0, np.cumsum(lengths)[:-1]]
    longest = int(lengths.max())
    is_token = np.concatenate([np.arange(n) < t for n, t in zip(lengths, tokens)])
    token_at, frame_at = is_token.nonzero()[0], (~is_token).nonzero()[0]
    order = np.empty(len(is_token), int)  # position -> its row in [tokens; frames]
    order[token_at], order[frame_at] = np.arange(len(token_at)), len(token_at) + np.arange(len(frame_at))
    video = np.repeat(np.arange(b), lengths)
    masked, gone = np.concatenate(mask).nonzero()[0], np.concatenate(hidden).nonzero()[0]
    keep = np.ones((len(frame_at), 1), np.float32)
    keep[gone] = 0
    offset = np.arange(len(video)) - start[video]
    return dict(
        ids=np.concatenate(ids).astype(np.int32), token_number=np.concatenate([np.arange(n) for n in tokens]).astype(np.int32),
        frames=np.concatenate(features), frame_number=np.concatenate([np.arange(n) for n in frames]).astype(np.int32), keep=keep,
        order=order.astype(np.int32), padded=(video * longest + offset).astype(np.int32),
        bias=np.where(np.arange(longest) < lengths[:, None], 0, -10000).astype(np.float32)[:, None, None],
        read=np.concatenate([start, token_at[masked], frame_at[gone]]).astype(np.int32), labels=labels.astype(np.int32),
        targets=gone.astype(np.int32), tags=tags.astype(np.int32))


def same_shapes(b, a):
    """A batch of full rows with the same number of masked tokens and frames each time, so that one program computes all."""
    n, words, frames = len(b["labels"]), round(a.batch * (a.text - 3) * .15), round(a.batch * a.frames * .135)
    read = b["read"]
    b["read"] = np.concatenate([read[:a.batch], np.resize(read[a.batch:a.batch + n], words), np.resize(read[a.batch + n:], frames)])
    b["labels"], b["targets"] = np.resize(b["labels"], words), np.resize(b["targets"], frames)
    return b


def golden_cases():
    """Name, sizes, weights, arrays and expected losses and gradients of the cases whose tags are scored from [CLS]."""
    from safetensors.numpy import load_file
    for folder in sorted(GOLDEN.iterdir()):
        case = json.loads((folder / "case.json").read_text())
        c = case["config"]
        if c["tag_input"] != "cls":
            continue
        x = {k[2:]: v for k, v in load_file(folder / "inputs.safetensors").items() if k.startswith("a.")}
        text, real = x["text_mask"].astype(bool), x["frame_mask"].astype(bool)
        label = [row[m] for row, m in zip(x["mlm_labels"], text)]
        one = arrays([row[m] for row, m in zip(x["text_ids"], text)], [row >= 0 for row in label],
                     np.concatenate([row[row >= 0] for row in label]), [row[m] for row, m in zip(x["frames"], real)],
                     [row[m].astype(bool) for row, m in zip(x["frame_masked"], real)], np.zeros((len(text), 0)))
        one["multi_hot"] = x["tags"].astype(np.float32)
        sizes = argparse.Namespace(
            layers=c["num_hidden_layers"], hidden=c["hidden_size"], heads=c["num_attention_heads"],
            intermediate=c["intermediate_size"], vocab=c["vocab_size"], tags=c["num_tags"], frame_dim=c["frame_dim"],
            weight_tag=c["weight_tag"], weight_mlm=c["weight_mlm"], weight_mfm=c["weight_mfm"], dtype="float32", dropout=0)
        gradients = {k[5:]: v for k, v in load_file(folder / "outputs.safetensors").items() if k.startswith("grad.")}
        yield folder.name, sizes, load_file(folder / "weights.safetensors"), one, case["losses"]["total"], gradients


def check(name, loss, want, gradients, wanted):
    """Raises where the loss differs by more than 1e-5 of it, or a gradient by more than 1e-4 of the largest value of all."""
    if not abs(loss - want) <= 1e-5 * abs(want):
        raise SystemExit(f"{name}: the loss is {loss}, want {want}")
    largest = max(np.abs(g).max() for g in wanted.values())
    for key, g in gradients.items():
        if not np.abs(g - wanted[key]).max() <= 1e-4 * largest:
            raise SystemExit(f"{name}: the gradient of {key} differs by {np.abs(g - wanted[key]).max()}")
    print(f"{name}: loss {loss:.6f}, want {want:.6f}; {len(gradients)} gradients agree")


def fresh_weights(a, random):
    """Weights under the names of model.safetensors, without the pooling."""
    h, shapes = a.hidden, {}

    def linear(name, out, width):
        shapes[name + ".weight"], shapes[name + ".bias"] = (out, width), (out,)

    def embeddings(name):
        shapes[name + ".position_embeddings.weight"], shapes[name + ".token_type_embeddings.weight"] = (512, h), (2, h)
        shapes[name + ".LayerNorm.weight"] = shapes[name + ".LayerNorm.bias"] = (h,)

    def norm(name):
        shapes[name + ".weight"] = shapes[name + ".bias"] = (h,)

    shapes["bert.embeddings.word_embeddings.weight"] = (a.vocab, h)
    embeddings("bert.embeddings")
    embeddings("video_embeddings")
    linear("video_fc", h, a.frame_dim)
    for i in range(a.layers):
        n = f"bert.encoder.layer.{i}."
        for part in "query", "key", "value":
            linear(n + "attention.self." + part, h, h)
        linear(n + "attention.output.dense", h, h)
        norm(n + "attention.output.LayerNorm")
        linear(n + "intermediate.dense", a.intermediate, h)
        linear(n + "output.dense", h, a.intermediate)
        norm(n + "output.LayerNorm")
    for name, out in ("cls.predictions", a.vocab), ("mfm", a.frame_dim):
        linear(name + ".transform.dense", h, h)
        norm(name + ".transform.LayerNorm")
        linear(name + ".decoder", out, h)
    linear("tag_fc", a.tags, h)
    return {k: np.ones(s, np.float32) if k.endswith("LayerNorm.weight") else np.zeros(s, np.float32) if len(s) == 1
            else .02 * random.standard_normal(s, dtype=np.float32) for k, s in shapes.items()}


def join(weights, a):
    """Puts query, key and value of each layer into one linear layer, and leaves out what pretraining does not read."""
    w = {k: v for k, v in weights.items() if not k.startswith(("embedding_fc", "attention_pool"))}
    for i in range(a.layers):
        for part in ".weight", ".bias":
            names = [f"bert.encoder.layer.{i}.attention.self.{n}{part}" for n in ("query", "key", "value")]
            w[f"bert.encoder.layer.{i}.attention.self.qkv{part}"] = np.concatenate([w.pop(n) for n in names])
    return w


def split(gradients, a):
    """Undoes join for gradients."""
    g = dict(gradients)
    for i in range(a.layers):
        for part in ".weight", ".bias":
            three = np.split(g.pop(f"bert.encoder.layer.{i}.attention.self.qkv{part}"), 3)
            for n, v in zip(("query", "key", "value"), three):
                g[f"bert.encoder.layer.{i}.attention.self.{n}{part}"] = v
    return g


def rates(name):
    """Learning rate and weight decay of a weight."""
    head = name.startswith("tag_fc")
    return (5e-4 if head else 5e-5), (0. if name.endswith("bias") or "LayerNorm" in name else .01)


def timed(a, step, version):
    """Runs two steps, then a.steps timed ones; prints what `vsim bench --against` reads."""
    began = time.perf_counter()
    step(0), step(1)
    prepared, times, cpu = time.perf_counter() - began, [], time.process_time()
    for i in range(a.steps):
        t = time.perf_counter()
        step(2 + i)
        times.append(time.perf_counter() - t)
    cpu = (time.process_time() - cpu) / a.steps
    best, median = min(times), statistics.median(times)
    print(json.dumps(dict(videos_per_s=a.batch / best, videos_per_s_median=a.batch / median, step_s=best, cpu_s=cpu,
                          prepare_s=prepared, version=version)))
