# SPDX-License-Identifier: Apache-2.0
"""Times scoring all subsets of several models' embeddings in numpy: the peer of vsim's ensemble study.

  python bench_ensemble.py DIR [--dim 256]

DIR has member1.safetensors, member2.safetensors … with rows in the same order, and label.tsv, as the benchmark writes them:
VSIM_BENCH_DIR=DIR go test ./vsimlib/study/score -run xxx -bench Ensembles. One Gram matrix of all models in float32, of which a subset's
is a part; eigenvectors by numpy's eigh in float64, projection in float32. Prints wall and CPU seconds, reading excluded, and, if the
benchmark left its scores in DIR/vsim.json, the largest difference. Set OPENBLAS_NUM_THREADS to choose the number of cores. Needs numpy, scipy.
"""
import argparse, itertools, json, pathlib, struct, time
import numpy as np
from scipy.stats import rankdata


def read(path):
    raw = path.read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + size])

    def tensor(name):
        t = header[name]
        first, last = t["data_offsets"]
        kind = {"F32": np.float32, "I64": np.int64}[t["dtype"]]
        return np.frombuffer(raw[8 + size + first:8 + size + last], kind).reshape(t["shape"])

    return tensor("ids"), tensor("embeddings")


def spearman(x, ranks):
    r = rankdata(x)
    r -= r.mean()
    return float(r @ ranks / np.sqrt(r @ r) / np.sqrt(ranks @ ranks))


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("dir", type=pathlib.Path)
    args.add_argument("--dim", type=int, default=256)
    args = args.parse_args()
    members = [read(p) for p in sorted(args.dir.glob("member*.safetensors"))]
    row = {int(i): n for n, i in enumerate(members[0][0])}
    lines = [line.split("\t") for line in (args.dir / "label.tsv").read_text().splitlines()]
    a, b = (np.array([row[int(line[k])] for line in lines]) for k in (0, 1))
    labels = np.array([float(line[2]) for line in lines])

    wall, cpu = time.perf_counter(), time.process_time()
    ranks = rankdata(labels)
    ranks -= ranks.mean()
    x = np.concatenate([e / np.linalg.norm(e, axis=1, keepdims=True) for _, e in members], 1)
    gram = (x.T @ x).astype(np.float64)
    starts = np.cumsum([0] + [e.shape[1] for _, e in members])
    scores = {}
    for size in range(1, len(members) + 1):
        for subset in itertools.combinations(range(len(members)), size):
            columns = np.concatenate([np.arange(starts[m], starts[m + 1]) for m in subset])
            _, vectors = np.linalg.eigh(gram[np.ix_(columns, columns)] / size)
            v = vectors[:, ::-1][:, :args.dim].astype(np.float32)
            z = x[:, columns] @ v
            z /= np.linalg.norm(z, axis=1, keepdims=True)
            scores[tuple(m + 1 for m in subset)] = spearman(np.einsum("ij,ij->i", z[a], z[b]), ranks)
    print(f"{len(scores)} subsets: {time.perf_counter() - wall:.1f} s, {time.process_time() - cpu:.1f} CPU seconds")
    vsim = args.dir / "vsim.json"
    if vsim.exists():
        differences = [abs(s["svd"][0] - scores[tuple(s["members"])]) for s in json.loads(vsim.read_text())]
        print(f"largest difference of a score from vsim's: {max(differences):.1e}; scores {min(scores.values()):.4f} to {max(scores.values()):.4f}")


if __name__ == "__main__":
    main()
