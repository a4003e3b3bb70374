"""Makes adamw.json: AdamW with layer-wise learning rates, by torch.optim.AdamW in float64 with a group of parameters a depth, whose scales
are those of BEiT's LayerDecayValueAssigner, and LambdaLR with a linear warm-up and half a cosine; and averages of the weights, by
torch.optim.swa_utils.AveragedModel with the decay of diffusers' EMAModel. Run: python make_adamw.py"""
import json, math, pathlib
import torch

LAYERS, LR, LR_HEADS, DECAY, WD, STEPS, WARMUP, EMA = 3, .1, .2, .65, .01, 7, 2, .22
WEIGHTS = {  # name: values; its gradient is twice the weight, and 3 of a bias
    "bert.embeddings.word_embeddings.weight": [1., -2.], "bert.embeddings.LayerNorm.weight": [1.5], "video_fc.weight": [.75, .5],
    "video_embeddings.position_embeddings.weight": [-1.25], "bert.encoder.layer.0.output.dense.weight": [2., 3.],
    "bert.encoder.layer.1.attention.self.query.bias": [.25], "bert.encoder.layer.2.output.dense.weight": [-.5],
    "cls.predictions.transform.dense.weight": [1.], "mfm.decoder.bias": [.5], "tag_fc.weight": [-3.], "embedding_fc.bias": [.125]}


def layer_of(name):  # BEiT's get_num_layer_for_vit, with BERT's names
    if name.startswith("bert.encoder.layer."):
        return int(name.split(".")[3]) + 1
    if name.startswith(("bert.embeddings", "video_")):
        return 0
    return LAYERS + 1


scales = [DECAY ** (LAYERS + 1 - i) for i in range(LAYERS + 2)]
params = {n: torch.nn.Parameter(torch.tensor(v, dtype=torch.float64)) for n, v in WEIGHTS.items()}
groups = []
for name, p in params.items():
    heads = name.startswith(("tag_fc", "embedding_fc"))
    decayed = not name.endswith(("bias", "LayerNorm.weight"))
    groups.append({"params": [p], "lr": (LR_HEADS if heads else LR) * scales[layer_of(name)], "weight_decay": WD if decayed else 0.})
optimizer = torch.optim.AdamW(groups, betas=(.9, .999), eps=1e-6)
rest = max(1, STEPS - WARMUP)
schedule = torch.optim.lr_scheduler.LambdaLR(
    optimizer, lambda s: s / WARMUP if s < WARMUP else .5 * (1 + math.cos(math.pi * (s - WARMUP) / rest)))


def decay_at(optimization_step):  # diffusers' EMAModel.get_decay without a warm-up; it counts from 1
    step = max(0, optimization_step - 1)
    return 0. if step <= 0 else min((1 + step) / (10 + step), EMA)


average = torch.optim.swa_utils.AveragedModel(torch.nn.ParameterList(params.values()))
average.avg_fn = lambda e, w, n: decay_at(int(n) + 1) * e + (1 - decay_at(int(n) + 1)) * w
steps, averages = [], []
for _ in range(6):
    optimizer.zero_grad()
    loss = sum(3 * p.sum() if n.endswith("bias") else (p * p).sum() for n, p in params.items())
    loss.backward()
    optimizer.step()
    schedule.step()
    average.update_parameters(torch.nn.ParameterList(params.values()))
    averages.append({n: [round(x, 10) for x in p.detach().tolist()] for n, p in zip(params, average.module)})
    steps.append({n: [round(x, 10) for x in p.detach().tolist()] for n, p in params.items()})
pathlib.Path(__file__).with_name("adamw.json").write_text(json.dumps(
    {"torch": torch.__version__, "layers": LAYERS, "lr_encoder": LR, "lr_heads": LR_HEADS, "layer_decay": DECAY, "weight_decay": WD,
     "total_steps": STEPS, "warmup": WARMUP, "ema": EMA, "initial": WEIGHTS, "steps": steps,
     "averages": averages}, separators=(",", ":")) + "\n")
