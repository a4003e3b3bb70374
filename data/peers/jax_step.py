# SPDX-License-Identifier: Apache-2.0
"""The pretraining step in JAX, jit with donated state, with what torch_step.py does; batches have full rows, as XLA compiles for
each shape.

  python3 jax_step.py --golden
  python3 jax_step.py [--dtype bfloat16]
"""
import functools

import jax
import jax.numpy as jnp
import numpy as np

import common


class Model:
    """The model as a function of its weights w and a batch."""

    def __init__(self, a):
        self.a = a
        self.dtype = jnp.dtype(a.dtype)

    def drop(self, x, key):
        if not self.a.dropout:
            return x
        return jnp.where(jax.random.bernoulli(key, 1 - self.a.dropout, x.shape), x / (1 - self.a.dropout), 0).astype(x.dtype)

    def linear(self, w, name, x):
        weight, bias = w[name + ".weight"].astype(self.dtype), w[name + ".bias"].astype(self.dtype)
        return jax.lax.dot_general(x.astype(self.dtype), weight, (((x.ndim - 1,), (1,)), ((), ()))) + bias

    def norm(self, w, name, x):
        x = x.astype(jnp.float32)
        x = x - x.mean(-1, keepdims=True)
        return x / jnp.sqrt((x * x).mean(-1, keepdims=True) + 1e-12) * w[name + ".weight"] + w[name + ".bias"]

    def embed(self, w, name, x, number, key):
        return self.drop(self.norm(w, name + ".LayerNorm", x + w[name + ".position_embeddings.weight"][number]
                                   + w[name + ".token_type_embeddings.weight"][0]), key)

    def layer(self, w, name, x, b, key, read=None):
        keys = jax.random.split(key, 3)
        videos, s = b["bias"].shape[0], b["bias"].shape[-1]
        h, heads = self.a.hidden, self.a.heads
        z = self.linear(w, name + "attention.self.qkv", x)
        full = z.shape[0] == videos * s
        if not full:
            z = jnp.zeros((videos * s, 3 * h), z.dtype).at[b["padded"]].set(z)
        q, k, v = z.reshape(videos, s, 3, heads, h // heads).transpose(2, 0, 3, 1, 4)
        scores = jnp.einsum("baqd,bakd->baqk", q, k).astype(jnp.float32) / np.sqrt(h // heads) + b["bias"]
        y = jnp.einsum("baqk,bakd->baqd", self.drop(jax.nn.softmax(scores).astype(self.dtype), keys[0]), v)
        y = y.transpose(0, 2, 1, 3).reshape(videos * s, h)
        y = y if full else y[b["padded"]]
        if read is not None:
            x, y = x[read], y[read]
        y = self.linear(w, name + "attention.output.dense", y).astype(jnp.float32)
        x = self.norm(w, name + "attention.output.LayerNorm", x + self.drop(y, keys[1]))
        z = self.linear(w, name + "output.dense", jax.nn.gelu(self.linear(w, name + "intermediate.dense", x), approximate=False))
        return self.norm(w, name + "output.LayerNorm", x + self.drop(z.astype(jnp.float32), keys[2]))

    def head(self, w, name, x):
        x = jax.nn.gelu(self.linear(w, name + ".transform.dense", x), approximate=False)
        return self.linear(w, name + ".decoder", self.norm(w, name + ".transform.LayerNorm", x))

    def loss(self, w, b, key):
        keys = jax.random.split(key, self.a.layers + 2)
        t = self.embed(w, "bert.embeddings", w["bert.embeddings.word_embeddings.weight"][b["ids"]], b["token_number"], keys[-1])
        v = self.embed(w, "video_embeddings", self.linear(w, "video_fc", b["frames"] * b["keep"]), b["frame_number"], keys[-2])
        x = jnp.concatenate([t, v])[b["order"]]
        for i in range(self.a.layers):
            x = self.layer(w, f"bert.encoder.layer.{i}.", x, b, keys[i], b["read"] if i == self.a.layers - 1 else None)
        videos, words = b["bias"].shape[0], len(b["labels"])
        cls, masked, frames = x[:videos], x[videos:videos + words], x[videos + words:]
        scores = self.linear(w, "tag_fc", jax.nn.relu(cls)).astype(jnp.float32)
        positive = (scores * b["multi_hot"]).sum() if "multi_hot" in b else jnp.take_along_axis(scores, b["tags"], 1).sum()
        tag = (jax.nn.softplus(scores).sum() - positive) / scores.size

        def entropy(logits, labels):
            logits = logits.astype(jnp.float32)
            return (jax.nn.logsumexp(logits, -1) - jnp.take_along_axis(logits, labels[:, None], 1)[:, 0]).mean()
        mlm = entropy(self.head(w, "cls.predictions", masked), b["labels"])
        predicted = self.head(w, "mfm", frames)
        logits = jax.lax.dot_general(predicted, b["frames"].astype(self.dtype), (((1,), (1,)), ((), ())))
        return self.a.weight_tag * tag + self.a.weight_mlm * mlm + self.a.weight_mfm * entropy(logits, b["targets"])


def check_golden():
    for name, sizes, weights, batch, want, gradients in common.golden_cases():
        loss, got = jax.value_and_grad(Model(sizes).loss)(common.join(weights, sizes), batch, jax.random.key(0))
        common.check(name, float(loss), want, common.split({k: np.asarray(v) for k, v in got.items()}, sizes), gradients)


def main():
    a = common.arguments(__doc__).parse_args()
    if a.golden:
        return check_golden()
    if a.lengths != "full":
        raise SystemExit("jax_step.py: --lengths: only full")
    jax.config.update("jax_default_prng_impl", "unsafe_rbg")  # the device's own generator: the fastest for dropout
    random, m = np.random.default_rng(1), Model(a)
    weights = {k: jnp.asarray(v) for k, v in common.join(common.fresh_weights(a, random), a).items()}

    @functools.partial(jax.jit, donate_argnums=(0, 1, 2))
    def update(w, first, second, t, b):
        value, g = jax.value_and_grad(m.loss)(w, b, jax.random.key(t.astype(jnp.int32)))
        first = {k: .9 * first[k] + .1 * g[k] for k in w}
        second = {k: .999 * second[k] + .001 * g[k] ** 2 for k in w}
        new = {}
        for k in w:
            lr, decay = common.rates(k)
            scale = jnp.sqrt(second[k]) / jnp.sqrt(1 - .999 ** t) + 1e-6
            new[k] = w[k] * (1 - lr * decay) - lr / (1 - .9 ** t) * first[k] / scale
        return new, first, second, value

    zeros = lambda: {k: jnp.zeros_like(v) for k, v in weights.items()}
    state = [weights, zeros(), zeros()]
    pool = [{k: jnp.asarray(v) for k, v in common.same_shapes(common.batch(a, random), a).items()} for _ in range(4)]

    def step(i):
        *state[:], value = update(*state, jnp.float32(i + 1), pool[i % 4])
        return float(value)

    common.timed(a, step, "jax " + jax.__version__)


if __name__ == "__main__":
    main()
