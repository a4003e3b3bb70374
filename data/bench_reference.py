# SPDX-License-Identifier: Apache-2.0
"""Reference of the AIAC 2021 multimodal video-similarity solution, in plain PyTorch, float32, eager.

It says exactly what the model, the three pretraining losses, the pair loss and the optimiser step compute.
Three uses:

  python bench_reference.py golden --out DIR [--seed 1 --num-hidden-layers 2 ...]   # write one golden case, as in vsimlib/step/testdata/golden
  python bench_reference.py bench  [--num-hidden-layers 4 --hidden-size 256 ...]  # time its training step: the peer to beat
  python bench_reference.py embed  [the same]                                       # time its embedding of a batch that is in memory

Needs torch, numpy, safetensors.
"""
import argparse, dataclasses, json, math, pathlib, time
import torch
from torch import nn
from torch.nn import functional as F


@dataclasses.dataclass
class Config:
    vocab_size: int = 97          # 21128 for the Chinese vocabularies
    hidden_size: int = 32         # 1024 in the paper (BERT-large)
    num_hidden_layers: int = 2    # 24
    num_attention_heads: int = 4  # 16
    intermediate_size: int = 64   # 4096
    max_position_embeddings: int = 40  # 512
    type_vocab_size: int = 2
    layer_norm_eps: float = 1e-12
    frame_dim: int = 24           # 1536
    max_frames: int = 5           # 32
    max_text: int = 9             # 36
    num_tags: int = 11            # 10000
    embedding_dim: int = 16       # 256
    layout: str = "cls_first"     # cls_first: [CLS] frames [SEP] title..; frames_first: frames [CLS] title..
    pooling: str = "mean"         # mean | attention: over all positions, padding included, as in the competition code
                                  # masked_mean | masked_attention: over real positions only
    tag_input: str = "cls"        # cls: relu(last layer at [CLS]); embedding: relu(256-d embedding before L2)
    weight_tag: float = 1250 / 3
    weight_mlm: float = 1 / 3.75
    weight_mfm: float = 1 / 9
    lr_encoder: float = 5e-5
    lr_heads: float = 5e-4
    weight_decay: float = 0.01
    adam_eps: float = 1e-6
    warmup_ratio: float = 0.06
    total_steps: int = 20


class Embeddings(nn.Module):
    """BERT's embedding block; for frames `words` is None and the projected features come in instead of ids."""
    def __init__(self, c, words):
        super().__init__()
        if words:
            self.word_embeddings = nn.Embedding(c.vocab_size, c.hidden_size)
        self.position_embeddings = nn.Embedding(c.max_position_embeddings, c.hidden_size)
        self.token_type_embeddings = nn.Embedding(c.type_vocab_size, c.hidden_size)
        self.LayerNorm = nn.LayerNorm(c.hidden_size, eps=c.layer_norm_eps)

    def forward(self, x):
        if x.dtype == torch.long:
            x = self.word_embeddings(x)
        n = x.shape[1]
        return self.LayerNorm(x + self.position_embeddings.weight[:n] + self.token_type_embeddings.weight[0])


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        h = c.hidden_size
        self.attention = nn.ModuleDict({
            "self": nn.ModuleDict({k: nn.Linear(h, h) for k in ("query", "key", "value")}),
            "output": nn.ModuleDict({"dense": nn.Linear(h, h), "LayerNorm": nn.LayerNorm(h, eps=c.layer_norm_eps)})})
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(h, c.intermediate_size)})
        self.output = nn.ModuleDict({"dense": nn.Linear(c.intermediate_size, h), "LayerNorm": nn.LayerNorm(h, eps=c.layer_norm_eps)})
        self.heads = c.num_attention_heads

    def forward(self, x, bias):
        b, s, h = x.shape
        split = lambda t: t.view(b, s, self.heads, h // self.heads).transpose(1, 2)
        q, k, v = (split(self.attention["self"][n](x)) for n in ("query", "key", "value"))
        p = (q @ k.transpose(-1, -2) / math.sqrt(h // self.heads) + bias).softmax(-1)
        a = self.attention["output"]["dense"]((p @ v).transpose(1, 2).reshape(b, s, h))
        x = self.attention["output"]["LayerNorm"](x + a)
        f = self.output["dense"](F.gelu(self.intermediate["dense"](x)))
        return self.output["LayerNorm"](x + f)


class Head(nn.Module):
    """dense + gelu + LayerNorm + decoder: BERT's MLM head, and the same shape for masked frames."""
    def __init__(self, c, out):
        super().__init__()
        self.transform = nn.ModuleDict({"dense": nn.Linear(c.hidden_size, c.hidden_size),
                                        "LayerNorm": nn.LayerNorm(c.hidden_size, eps=c.layer_norm_eps)})
        self.decoder = nn.Linear(c.hidden_size, out)

    def forward(self, x):
        return self.decoder(self.transform["LayerNorm"](F.gelu(self.transform["dense"](x))))


class VideoBert(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.bert = nn.ModuleDict({"embeddings": Embeddings(c, True),
                                   "encoder": nn.ModuleDict({"layer": nn.ModuleList(Layer(c) for _ in range(c.num_hidden_layers))})})
        self.video_fc = nn.Linear(c.frame_dim, c.hidden_size)
        self.video_embeddings = Embeddings(c, False)
        self.cls = nn.ModuleDict({"predictions": Head(c, c.vocab_size)})   # not tied to the word embeddings
        self.mfm = Head(c, c.frame_dim)
        self.tag_fc = nn.Linear(c.hidden_size if c.tag_input == "cls" else c.embedding_dim, c.num_tags)
        self.embedding_fc = nn.Linear(c.hidden_size, c.embedding_dim)
        if c.pooling.endswith("attention"):
            self.attention_pool = nn.ModuleDict({"dense": nn.Linear(c.hidden_size, c.hidden_size), "score": nn.Linear(c.hidden_size, 1)})

    def encode(self, text_ids, text_mask, frames, frame_mask):
        """text_ids, text_mask [B,T] int64; frames [B,N,F] f32; frame_mask [B,N] int64
        -> sequence [B,N+T,H] and its mask [B,N+T]."""
        t = self.bert["embeddings"](text_ids)
        v = self.video_embeddings(self.video_fc(frames))
        if self.c.layout == "cls_first":
            x = torch.cat([t[:, :1], v, t[:, 1:]], 1)
            m = torch.cat([text_mask[:, :1], frame_mask, text_mask[:, 1:]], 1)
        else:
            x, m = torch.cat([v, t], 1), torch.cat([frame_mask, text_mask], 1)
        bias = (1.0 - m[:, None, None, :].float()) * -10000.0
        for layer in self.bert["encoder"]["layer"]:
            x = layer(x, bias)
        return x, m

    def split(self, seq):
        """sequence -> ([CLS] [B,H], frames [B,N,H], text [B,T,H]) whatever the layout."""
        n = self.c.max_frames
        if self.c.layout == "cls_first":
            return seq[:, 0], seq[:, 1:1 + n], torch.cat([seq[:, :1], seq[:, 1 + n:]], 1)
        return seq[:, n], seq[:, :n], seq[:, n:]

    def raw_embedding(self, seq, mask):
        """seq [B,S,H], mask [B,S] (1 = real position) -> [B,E] before the L2 normalisation."""
        m = mask.float()[..., None] if self.c.pooling.startswith("masked") else torch.ones_like(seq[..., :1])
        if self.c.pooling.endswith("attention"):
            score = self.attention_pool["score"](torch.tanh(self.attention_pool["dense"](seq)))
            w = score.masked_fill(m == 0, float("-inf")).softmax(1)
        else:
            w = m / m.sum(1, keepdim=True)
        return self.embedding_fc((w * seq).sum(1))

    def embedding(self, seq, mask):
        return F.normalize(self.raw_embedding(seq, mask), dim=-1)

    def pretrain_losses(self, b):
        """b: text_ids (already masked), text_mask, frames (original), frame_mask, frame_masked [B,N], mlm_labels [B,T]
        (-100 = not predicted), tags [B,K] multi-hot. Frames to predict are zeroed before video_fc."""
        frames = b["frames"] * (1 - b["frame_masked"].float())[..., None]
        seq, mask = self.encode(b["text_ids"], b["text_mask"], frames, b["frame_mask"])
        cls, video, text = self.split(seq)
        tag_in = cls if self.c.tag_input == "cls" else self.raw_embedding(seq, mask)
        tag = F.binary_cross_entropy_with_logits(self.tag_fc(F.relu(tag_in)), b["tags"].float())
        labels = b["mlm_labels"].flatten()
        mlm = F.cross_entropy(self.cls["predictions"](text).flatten(0, 1), labels, ignore_index=-100) if (labels >= 0).any() else seq.sum() * 0
        # NCE: each masked frame's prediction against every original frame of the batch; plain dot products.
        pred = self.mfm(video).flatten(0, 1)
        keys = b["frames"].flatten(0, 1)
        pad = (1 - b["frame_mask"].flatten().float()) * -1e8
        logits = pred @ keys.T + pad[None, :] + pad[:, None]
        masked = b["frame_masked"].flatten().bool()
        nce = -torch.diagonal(F.log_softmax(logits, -1))[masked]
        mfm = nce.mean() if masked.any() else seq.sum() * 0
        c = self.c
        return {"tag": tag, "mlm": mlm, "mfm": mfm, "total": c.weight_tag * tag + c.weight_mlm * mlm + c.weight_mfm * mfm}

    def pair_loss(self, a, b, target):
        cos = (self.embedding(*self.encode(*a)) * self.embedding(*self.encode(*b))).sum(-1)
        return F.mse_loss(cos, target), cos

    def optimizer(self):
        """AdamW; no decay on biases and LayerNorm weights; encoder, embeddings, MLM and MFM heads at lr_encoder,
        the rest at lr_heads; linear warm-up over warmup_ratio of the steps, then half a cosine to zero."""
        groups = {}
        for n, p in self.named_parameters():
            enc = n.startswith(("bert.", "video_fc", "video_embeddings", "cls.", "mfm."))
            decay = not (n.endswith("bias") or "LayerNorm.weight" in n)
            groups.setdefault((enc, decay), []).append(p)
        c = self.c
        opt = torch.optim.AdamW([{"params": ps, "lr": c.lr_encoder if e else c.lr_heads, "weight_decay": c.weight_decay if d else 0.0}
                                 for (e, d), ps in groups.items()], betas=(0.9, 0.999), eps=c.adam_eps)
        warm = max(1, int(c.total_steps * c.warmup_ratio))
        factor = lambda i: i / warm if i < warm else 0.5 * (1 + math.cos(math.pi * (i - warm) / max(1, c.total_steps - warm)))
        return opt, torch.optim.lr_scheduler.LambdaLR(opt, factor)   # first update runs at factor(0) = 0, as transformers does


def make_batch(c, n, g):
    """A random batch with ragged titles and frames: pads trail, [CLS]=1, [SEP]=2, [MASK]=3, [PAD]=0."""
    ids = torch.randint(4, c.vocab_size, (n, c.max_text), generator=g)
    tlen = torch.randint(3, c.max_text + 1, (n,), generator=g)
    flen = torch.randint(1, c.max_frames + 1, (n,), generator=g)
    pos = torch.arange(c.max_text)[None]
    text_mask = (pos < tlen[:, None]).long()
    ids[:, 0] = 1
    ids = torch.where(pos == tlen[:, None] - 1, torch.tensor(2), ids) * text_mask
    frame_mask = (torch.arange(c.max_frames)[None] < flen[:, None]).long()
    frames = torch.randn(n, c.max_frames, c.frame_dim, generator=g) * frame_mask[..., None]
    pick = (torch.rand(ids.shape, generator=g) < .3) & (ids > 3)
    pick[0, 1] |= ids[0, 1] > 3
    labels = torch.where(pick, ids, torch.tensor(-100))
    frame_masked = ((torch.rand(frame_mask.shape, generator=g) < .3) & (frame_mask > 0)).long()
    frame_masked[0, 0] = 1
    tags = (torch.rand(n, c.num_tags, generator=g) < .2).long()
    return {"text_ids": torch.where(pick, torch.tensor(3), ids), "text_mask": text_mask, "frames": frames, "frame_mask": frame_mask,
            "mlm_labels": labels, "frame_masked": frame_masked, "tags": tags}


def golden(c, seed, batch, out):
    from safetensors.torch import save_file
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 1)
    m = VideoBert(c)
    for p in m.parameters():
        nn.init.normal_(p, std=0.15)
    for n, p in m.named_parameters():
        if n.endswith("LayerNorm.weight"):
            p.data += 1
    out.mkdir(parents=True, exist_ok=True)
    save = lambda name, d: save_file({k: v.detach().contiguous().float() if v.is_floating_point() else v.contiguous().int() for k, v in d.items()}, str(out / name))
    state = lambda: {k: v.clone() for k, v in m.state_dict().items()}
    save("weights.safetensors", state())
    b, b2 = make_batch(c, batch, g), make_batch(c, batch, g)
    target = torch.rand(batch, generator=g)
    save("inputs.safetensors", {**{f"a.{k}": v for k, v in b.items()}, **{f"b.{k}": v for k, v in b2.items()}, "target": target})
    side = lambda x: (x["text_ids"], x["text_mask"], x["frames"], x["frame_mask"])
    seq, mask = m.encode(*side(b))
    losses = m.pretrain_losses(b)
    losses["total"].backward()
    grads = {k: p.grad.clone() for k, p in m.named_parameters() if p.grad is not None}
    m.zero_grad()
    pair, cos = m.pair_loss(side(b), side(b2), target)
    save("outputs.safetensors", {"sequence": seq, "embedding": m.embedding(seq, mask), "cosine": cos,
                                 **{f"grad.{k}": v for k, v in grads.items()}})
    opt, sched = m.optimizer()
    trace = []
    for _ in range(5):
        m.zero_grad()
        l = m.pretrain_losses(b)
        l["total"].backward()
        opt.step(); sched.step()
        trace.append({k: v.item() for k, v in l.items()})
    save("after5.safetensors", state())
    json.dump({"config": dataclasses.asdict(c), "batch": batch, "losses": {k: v.item() for k, v in losses.items()},
               "pair_mse": pair.item(), "five_steps": trace}, open(out / "case.json", "w"), indent=1)


def bench(c, batch, steps, compile_, bf16):
    torch.manual_seed(0)
    dev = "cuda" if torch.cuda.is_available() else "cpu"
    m = VideoBert(c).to(dev)
    for p in m.parameters():
        if p.dim() > 1:
            nn.init.normal_(p, std=0.02)
    opt, sched = m.optimizer()
    b = {k: v.to(dev) for k, v in make_batch(c, batch, torch.Generator().manual_seed(1)).items()}
    f = torch.compile(m.pretrain_losses) if compile_ else m.pretrain_losses
    times = []
    for i in range(steps + 2):
        t = time.perf_counter()
        opt.zero_grad(set_to_none=True)
        with torch.autocast(dev, dtype=torch.bfloat16, enabled=bf16):
            l = f(b)["total"]
        l.backward()
        opt.step(); sched.step()
        if dev == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - t)
    best = min(times[2:])
    print(json.dumps({"step_s": best, "videos_per_s": batch / best, "first_s": times[0], "device": dev, "torch": torch.__version__}))


@torch.inference_mode()
def embed(c, batch, steps):
    torch.manual_seed(0)
    dev = "cuda" if torch.cuda.is_available() else "cpu"
    m = VideoBert(c).to(dev)
    b = {k: v.to(dev) for k, v in make_batch(c, batch, torch.Generator().manual_seed(1)).items()}
    times = []
    for i in range(steps + 2):
        t = time.perf_counter()
        m.embedding(*m.encode(b["text_ids"], b["text_mask"], b["frames"], b["frame_mask"]))
        if dev == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - t)
    best = min(times[2:])
    print(json.dumps({"batch_s": best, "videos_per_s": batch / best, "device": dev, "torch": torch.__version__}))


if __name__ == "__main__":
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("what", choices=["golden", "bench", "embed"])
    ap.add_argument("--out", type=pathlib.Path)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--batch", type=int, default=6)
    ap.add_argument("--steps", type=int, default=10)
    ap.add_argument("--compile", action="store_true")
    ap.add_argument("--bf16", action="store_true")
    for f in dataclasses.fields(Config):
        ap.add_argument("--" + f.name.replace("_", "-"), type=f.type, default=f.default)
    a = ap.parse_args()
    c = Config(**{f.name: getattr(a, f.name) for f in dataclasses.fields(Config)})
    if a.what == "golden":
        golden(c, a.seed, a.batch, a.out)
    elif a.what == "embed":
        embed(c, a.batch, a.steps)
    else:
        bench(c, a.batch, a.steps, a.compile, a.bf16)
