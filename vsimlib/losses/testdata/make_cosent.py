"""Makes cosent.json: CoSENT (E14) with numpy in float64, as sentence-transformers' CoSENTLoss computes it. Run: python make_cosent.py"""
import json, pathlib
import numpy as np

g = np.random.default_rng(14)


def loss(first, second, label, t):
    cosine = np.sum(first * second, 1) / np.linalg.norm(first, axis=1) / np.linalg.norm(second, axis=1)
    scores = 1 / t * cosine
    difference = scores[:, None] - scores[None, :]           # [i,j]: s_i - s_j
    difference = difference[label[:, None] < label[None, :]]  # only where j is the more similar pair
    all_ = np.concatenate([[0.], difference])
    top = all_.max()
    return top + np.log(np.sum(np.exp(all_ - top)))


def case(b, d, t, labels, near=.3):
    first = np.round(g.normal(size=(b, d)), 3)
    second = np.round(near * first + (1 - near) * g.normal(size=(b, d)), 3)
    label = np.array(labels, dtype=np.float64)
    gradient, h = np.zeros_like(first), 1e-5
    for at in np.ndindex(*first.shape):  # central differences of fourth order
        def f(k):
            x = first.copy()
            x[at] += k * h
            return loss(x, second, label, t)
        gradient[at] = (8 * (f(1) - f(-1)) - (f(2) - f(-2))) / (12 * h)
    return {"loss": "cosent", "temperature": t, "first": first.tolist(), "second": second.tolist(), "target": label.tolist(),
            "value": round(float(loss(first, second, label, t)), 10), "gradient": [round(v, 8) for v in gradient.flatten().tolist()]}


tied = [.5, .25, .5, 1., 0., .25, .25, .75]  # several pairs of the same label
cases = [case(2, 3, .05, [.75, .1]), case(3, 2, .05, [.5, .5, .5]), case(8, 5, .05, tied), case(8, 3, .5, tied),
         case(17, 4, .05, np.round(g.integers(0, 11, 17) * .1, 2)), case(1, 3, .05, [.3])]
pathlib.Path(__file__).with_name("cosent.json").write_text(
    json.dumps({"numpy": np.__version__, "cases": cases}, separators=(",", ":")) + "\n")
