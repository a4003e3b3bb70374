"""Makes frames.json: masked frames found by cosine over a temperature (E15) with torch in float64. Run: python make_frames.py"""
import json, pathlib
import numpy as np, torch
import torch.nn.functional as F

g = np.random.default_rng(15)


def case(masked, fillers, frames, padding, width, t, zero=False):
    predictions = np.round(g.normal(size=(masked + fillers, width)) * g.uniform(.2, 4, size=(masked + fillers, 1)), 3)
    keys = np.round(g.normal(size=(frames, width)) * g.uniform(.2, 4, size=(frames, 1)), 3)
    real = np.ones(frames, dtype=int)
    real[frames - padding:] = 0
    if zero:
        keys[0] = 0
    positions = np.concatenate([g.permutation(frames - padding)[:masked], np.zeros(fillers, dtype=int)])
    x = torch.tensor(predictions, requires_grad=True)
    kept = torch.tensor(keys)[: frames - padding]
    logits = F.normalize(x[:masked], dim=-1) @ F.normalize(kept, dim=-1).T / t
    loss = F.cross_entropy(logits, torch.tensor(positions[:masked]))
    loss.backward()
    return {"temperature": t, "predictions": predictions.tolist(), "keys": keys.tolist(), "real": real.tolist(),
            "positions": positions.tolist(), "weights": [1.] * masked + [0.] * fillers, "value": round(loss.item(), 10),
            "gradient": [round(v, 10) for v in x.grad.flatten().tolist()]}


cases = [case(2, 1, 4, 1, 2, .1), case(1, 0, 1, 0, 3, .05), case(5, 3, 9, 2, 6, .07), case(4, 0, 6, 0, 3, 1.), case(3, 1, 7, 1, 4, .1, True)]
pathlib.Path(__file__).with_name("frames.json").write_text(
    json.dumps({"torch": torch.__version__.split("+")[0], "cases": cases}, separators=(",", ":")) + "\n")
