"""Makes scipy.json: Spearman and MSE of embeddings against labels with numpy and scipy. Run: python make_scipy.py"""
import json, pathlib
import numpy as np, scipy
from scipy.stats import rankdata, spearmanr

g = np.random.default_rng(5)


def case(name, n, dim, pairs, scale=1.0):
    ids = g.choice(2**62, size=n, replace=False)
    e = (g.normal(size=(n, dim)) * scale * 10.0 ** g.integers(-2, 3, size=(n, 1))).astype(np.float32)
    at = g.integers(0, n, size=(pairs, 2))
    at[0] = at[1]            # a repeated pair
    at[2] = at[3][::-1]      # a reversed one
    at[4] = at[4][0]         # a self pair
    at[5] = at[5][0]
    x = e.astype(np.float64)
    dot = lambda i, j: (x[i] * x[j]).sum(1)
    cos = dot(at[:, 0], at[:, 1]) / np.sqrt(dot(at[:, 0], at[:, 0]) * dot(at[:, 1], at[:, 1]))
    label = np.round(np.clip(np.round((cos + g.normal(size=pairs) * .3) * 20) / 20, 0, 1), 2)
    r = rankdata(label)
    target = (r - r.min()) / (r.max() - r.min())
    return {"name": name, "ids": [int(i) for i in ids], "dim": dim, "data": [float(v) for v in e.ravel()],
            "pairs": [{"a": int(ids[a]), "b": int(ids[b]), "score": float(s)} for (a, b), s in zip(at, label)],
            "spearman": float(spearmanr(cos, label).statistic), "mse": float(((cos - target) ** 2).mean())}


cases = [case("many ties", 31, 7, 203), case("few pairs", 9, 3, 11), case("lengths near the ends of float32", 13, 5, 57, 1e-36),
         case("long rows", 17, 64, 101, 1e30)]
pathlib.Path(__file__).with_name("scipy.json").write_text(json.dumps({"scipy": scipy.__version__, "numpy": np.__version__, "cases": cases}))
