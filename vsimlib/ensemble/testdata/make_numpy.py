"""Makes numpy.json: weighted concatenations and their truncated SVD as numpy.linalg.svd gives them. Run: python make_numpy.py"""
import json, pathlib
import numpy as np

g = np.random.default_rng(11)


def case(name, n, dims, weights, dim, rank=None):
    ids = g.choice(2**62, size=n, replace=False)
    latent = g.normal(size=(n, rank or 9)) * 2.0 ** -np.arange(rank or 9)
    sets, parts = [], []
    w = np.array(weights or [1] * len(dims), float)
    for k, d in enumerate(dims):
        e = (latent @ g.normal(size=(latent.shape[1], d)) + (0 if rank else .2) * g.normal(size=(n, d)) + .5).astype(np.float32)
        if rank:
            e = (latent @ g.normal(size=(rank, d))).astype(np.float32)
        e *= np.float32(10.0) ** g.integers(-3, 4, size=(n, 1)).astype(np.float32)  # lengths must not matter
        order = np.arange(n) if k == 0 else g.permutation(n)
        sets.append({"ids": [int(i) for i in ids[order]], "dim": d, "data": [float(v) for v in e[order].ravel()]})
        e = e.astype(np.float64)
        parts.append(np.sqrt(w[k] / w.sum()) * e / np.linalg.norm(e, axis=1, keepdims=True))
    x = np.concatenate(parts, 1)
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    k = min(dim, x.shape[1], len(s))
    rows = u[:, :k] * s[:k]
    return {"name": name, "sets": sets, "weights": weights, "dim": dim, "rows": rows.ravel().tolist(), "columns": k,
            "explained": float((s[:k] ** 2).sum() / (s ** 2).sum()), "dots": (rows @ rows.T).ravel().tolist()}


cases = [
    case("three models, equal weights", 37, [5, 7, 4], [], 6),
    case("weights", 23, [6, 3], [0.2, 5], 4),
    case("dim above the width", 19, [3, 2], [], 256),
    case("one model", 11, [7], [], 3),
    case("fewer videos than width", 7, [6, 9], [2, 1], 5),
    case("width equals dim", 13, [4, 4], [], 8),
]
pathlib.Path(__file__).with_name("numpy.json").write_text(json.dumps({"numpy": np.__version__, "cases": cases}))
