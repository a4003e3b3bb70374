# SPDX-License-Identifier: Apache-2.0
"""The pretraining step in PyTorch as an expert would write it, for a CPU or a GPU: no work on padding, Q, K and V in one product,
scaled dot-product attention, the last layer behind its attention at the read positions only, logits of masked tokens and frames
only, fused AdamW.

  python3 torch_step.py --golden                 # checks losses and gradients against the golden cases
  python3 torch_step.py [--compile|--zentorch] [--dtype bfloat16] [--lengths competition --batch 128]
  python3 torch_step.py --device cuda --dtype bfloat16 --dropout .1 --batch 128 \\
    --layers 24 --hidden 1024 --heads 16 --intermediate 4096
"""
import numpy as np
import torch
from torch.nn import functional as F

import common


class Model:
    """The model as a function of its weights and a batch."""

    def __init__(self, a, weights, device="cpu"):
        self.a = a
        joined = common.join(weights, a)
        self.w = {k: torch.nn.Parameter(torch.from_numpy(np.ascontiguousarray(v)).to(device)) for k, v in joined.items()}

    def linear(self, name, x):
        return F.linear(x, self.w[name + ".weight"], self.w[name + ".bias"])

    def norm(self, name, x):
        return F.layer_norm(x, (self.a.hidden,), self.w[name + ".weight"], self.w[name + ".bias"], 1e-12)

    def drop(self, x):
        return F.dropout(x, self.a.dropout) if self.a.dropout else x

    def embed(self, name, x, number):
        return self.drop(self.norm(name + ".LayerNorm", x + F.embedding(number, self.w[name + ".position_embeddings.weight"])
                                   + self.w[name + ".token_type_embeddings.weight"][0]))

    def layer(self, name, x, b, read=None):
        videos, s = b["bias"].shape[0], b["bias"].shape[-1]
        h, heads = self.a.hidden, self.a.heads
        z = self.linear(name + "attention.self.qkv", x)
        full = z.shape[0] == videos * s
        if not full:
            z = z.new_zeros(videos * s, 3 * h).index_copy(0, b["padded"], z)
        q, k, v = z.view(videos, s, 3, heads, h // heads).permute(2, 0, 3, 1, 4)
        bias = None if full else b["bias"].to(q.dtype)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=bias, dropout_p=self.a.dropout)
        y = y.transpose(1, 2).reshape(videos * s, h)
        if read is not None:
            x = x.index_select(0, read)
            y = y.index_select(0, read if full else b["padded"][read])
        elif not full:
            y = y.index_select(0, b["padded"])
        x = self.norm(name + "attention.output.LayerNorm", x + self.drop(self.linear(name + "attention.output.dense", y)))
        z = self.linear(name + "output.dense", F.gelu(self.linear(name + "intermediate.dense", x)))
        return self.norm(name + "output.LayerNorm", x + self.drop(z))

    def head(self, name, x):
        x = self.norm(name + ".transform.LayerNorm", F.gelu(self.linear(name + ".transform.dense", x)))
        return self.linear(name + ".decoder", x)

    def loss(self, b):
        words = F.embedding(b["ids"], self.w["bert.embeddings.word_embeddings.weight"])
        t = self.embed("bert.embeddings", words, b["token_number"])
        v = self.embed("video_embeddings", self.linear("video_fc", b["frames"] * b["keep"]), b["frame_number"])
        x = torch.cat([t, v.to(t.dtype)]).index_select(0, b["order"])
        for i in range(self.a.layers):
            x = self.layer(f"bert.encoder.layer.{i}.", x, b, b["read"] if i == self.a.layers - 1 else None)
        cls, words, frames = x.split([b["bias"].shape[0], len(b["labels"]), len(b["targets"])])
        scores = self.linear("tag_fc", F.relu(cls)).float()
        positive = (scores * b["multi_hot"]).sum() if "multi_hot" in b else scores.gather(1, b["tags"]).sum()
        tag = (F.softplus(scores).sum() - positive) / scores.numel()
        mlm = F.cross_entropy(self.head("cls.predictions", words).float(), b["labels"])
        predicted = self.head("mfm", frames)
        mfm = F.cross_entropy((predicted @ b["frames"].to(predicted.dtype).T).float(), b["targets"])
        return self.a.weight_tag * tag + self.a.weight_mlm * mlm + self.a.weight_mfm * mfm


def tensors(batch, device="cpu"):
    """The arrays as tensors, indices as int64."""
    return {k: (torch.from_numpy(v).long() if v.dtype == np.int32 else torch.from_numpy(v)).to(device) for k, v in batch.items()}


def check_golden():
    for name, sizes, weights, batch, want, gradients in common.golden_cases():
        m = Model(sizes, weights)
        loss = m.loss(tensors(batch))
        loss.backward()
        got = common.split({k: p.grad.numpy() for k, p in m.w.items()}, sizes)
        common.check(name, loss.item(), want, got, gradients)


def main():
    p = common.arguments(__doc__)
    p.add_argument("--compile", action="store_true", help="torch.compile")
    p.add_argument("--zentorch", action="store_true", help="torch.compile by AMD's zentorch")
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    if a.golden:
        return check_golden()
    if a.zentorch:
        import zentorch  # registers the backend
    torch.backends.cuda.matmul.allow_tf32 = True  # as vsim on CUDA; of no account under bfloat16
    random = np.random.default_rng(1)
    m = Model(a, common.fresh_weights(a, random), a.device)
    groups = {}
    for name, weight in m.w.items():
        groups.setdefault(common.rates(name), []).append(weight)
    groups = [dict(params=list(g), lr=lr, weight_decay=decay) for (lr, decay), g in groups.items()]
    optimiser = torch.optim.AdamW(groups, eps=1e-6, fused=True)
    pool = [common.batch(a, random) for _ in range(4)]
    if a.lengths == "full":
        pool = [common.same_shapes(b, a) for b in pool]
    pool = [tensors(b, a.device) for b in pool]
    loss = torch.compile(m.loss, backend="zentorch" if a.zentorch else "inductor") if a.compile or a.zentorch else m.loss

    def step(i):
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast(a.device, dtype=torch.bfloat16, enabled=a.dtype == "bfloat16"):
            value = loss(pool[i % 4])
        value.backward()
        optimiser.step()
        return value.item()

    common.timed(a, step, "torch " + torch.__version__)


if __name__ == "__main__":
    main()
