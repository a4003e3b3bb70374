"""Makes others.json: losses of other teams with torch in float64, and scipy's Pearson beside them. Run: python make_others.py"""
import json, pathlib
import numpy as np, scipy, torch
import torch.nn.functional as F

g = np.random.default_rng(12)


def vectors(b, d, near):
    first = np.round(g.normal(size=(b, d)), 3)
    return first, np.round(near * first + (1 - near) * g.normal(size=(b, d)), 3)


def case(name, temperature, first, second, loss, at, **more):
    loss.backward()
    return {"loss": name, "temperature": temperature, "first": first.tolist(), "second": second.tolist(), **more,
            "value": round(loss.item(), 10), "gradient": [round(v, 10) for v in at.grad.flatten().tolist()]}


def softmax_pearson(b, d, t):
    first, second = vectors(b, d, .3)
    label = np.round(g.integers(0, 21, b) * .05, 2)
    label[:2] = .1, .75
    x, y = torch.tensor(first, requires_grad=True), torch.tensor(label)
    cosine = F.cosine_similarity(x, torch.tensor(second), dim=1)
    s = torch.softmax(cosine / t, 0)
    r = torch.dot(s - s.mean(), y - y.mean()) / ((s - s.mean()).norm() * (y - y.mean()).norm() + 1e-5)
    exact = scipy.stats.pearsonr(s.detach().numpy(), label)[0]
    return case("softmax_pearson", t, first, second, -r, x, target=label.tolist(), pearson=round(float(exact), 10))


def simcse(b, d, t):
    first, second = vectors(b, d, .7)
    x = torch.tensor(first, requires_grad=True)
    cosines = F.cosine_similarity(x[:, None], torch.tensor(second)[None], dim=-1)
    return case("simcse", t, first, second, F.cross_entropy(cosines / t, torch.arange(b)), x)


cases = [softmax_pearson(*a) for a in [(2, 3, .2), (3, 2, .2), (8, 5, .2), (17, 4, .05), (8, 3, 1.)]]
cases += [simcse(*a) for a in [(1, 3, .05), (2, 3, .05), (5, 4, .05), (8, 3, .5)]]
pathlib.Path(__file__).with_name("others.json").write_text(
    json.dumps({"torch": torch.__version__.split("+")[0], "scipy": scipy.__version__, "cases": cases}, separators=(",", ":")) + "\n")
