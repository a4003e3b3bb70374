"""Makes scipy.json: average ranks and Spearman correlations as scipy gives them. Run: python make_scipy.py"""
import json, pathlib
import numpy as np, scipy
from scipy.stats import rankdata, spearmanr

g = np.random.default_rng(7)
levels = np.round(np.arange(21) / 20, 2)
sides = {
    "two": ([1, 2], [5, -3]),
    "ties on both sides": ([1, 1, 2, 3, 3, 3, 4], [2, 1, 2, 2, 5, 4, 4]),
    "all tied but one": ([0, 0, 0, 0, 1], [3, 1, 4, 1, 5]),
    "reversed": (list(range(11)), list(range(11, 0, -1))),
    "negative, zeros of both signs, tiny": ([-0.0, 0.0, 5e-324, -1e300, 1e300], [1, 2, 3, 4, 5]),
    "normal": (g.normal(size=101), g.normal(size=101)),
    "cosine against 21 levels": (None, None),
}
lab = g.choice(levels, size=257, p=np.r_[.36, np.full(19, .5 / 19), .14])
sides["cosine against 21 levels"] = (np.float32(lab + g.normal(size=257) * .4).astype(float), lab)
cases = [{"name": k, "x": list(map(float, x)), "y": list(map(float, y)), "ranks": rankdata(x).tolist(), "rho": float(spearmanr(x, y).statistic)}
         for k, (x, y) in sides.items()]
pathlib.Path(__file__).with_name("scipy.json").write_text(json.dumps({"scipy": scipy.__version__, "cases": cases}))
