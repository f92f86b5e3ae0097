#!/usr/bin/env python3
"""Writes the golden values of tests/Learning.Tests/Neural/Golden: tiny models in PyTorch with fixed weights, the loss and the gradients of
one step, and the weights after it. Run it with Debian's python3-torch (1.13); the program itself never needs it.

    /usr/bin/python3 bench/peers/golden_torch.py tests/Learning.Tests/Neural/Golden
"""
import json
import sys
from pathlib import Path

import torch
from torch.nn import functional as F


def parameter(rows, columns, scale, offset=0.0):
    values = offset + scale * torch.randn(rows, columns, dtype=torch.float64)
    # What the file holds is what is computed with.
    return torch.tensor([[float(f"{value:.5g}") for value in row] for row in values.tolist()], dtype=torch.float64, requires_grad=True)


def linear(parameters, name, x):
    return x @ parameters[f"{name}.weight"] + parameters[f"{name}.bias"]


def norm(parameters, name, x):
    return F.layer_norm(x, x.shape[-1:], parameters[f"{name}.gain"][0], parameters[f"{name}.bias"][0])


def add_linear(parameters, name, inputs, outputs):
    parameters[f"{name}.weight"] = parameter(inputs, outputs, 0.4)
    parameters[f"{name}.bias"] = parameter(1, outputs, 0.1)


def add_norm(parameters, name, columns):
    parameters[f"{name}.gain"] = parameter(1, columns, 0.2, 1.0)
    parameters[f"{name}.bias"] = parameter(1, columns, 0.1)


def transformer(shape, sequences):
    """SASRec: pre-norm block with causal attention of several heads and GELU, softmax over the catalogue tied to the item embeddings."""
    width, heads = shape["dimensions"], shape["heads"]
    parameters = {"items": parameter(shape["items"], width, 0.5), "positions": parameter(shape["length"], width, 0.3)}
    for block in range(shape["blocks"]):
        add_norm(parameters, f"block{block}.attention-norm", width)
        add_linear(parameters, f"block{block}.qkv", width, 3 * width)
        add_linear(parameters, f"block{block}.out", width, width)
        add_norm(parameters, f"block{block}.network-norm", width)
        add_linear(parameters, f"block{block}.first", width, 4 * width)
        add_linear(parameters, f"block{block}.second", 4 * width, width)
    add_norm(parameters, "norm", width)

    def loss():
        states, targets = [], []
        for sequence in sequences:
            items = torch.tensor(sequence[:-1])
            count = len(items)
            x = parameters["items"][items] + parameters["positions"][shape["length"] - count:]
            for block in range(shape["blocks"]):
                q, k, v = linear(parameters, f"block{block}.qkv", norm(parameters, f"block{block}.attention-norm", x)).split(width, dim=1)
                q, k, v = (part.reshape(count, heads, width // heads).transpose(0, 1) for part in (q, k, v))
                scores = q @ k.transpose(1, 2) / (width // heads) ** 0.5
                scores = scores.masked_fill(torch.ones(count, count).triu(1).bool(), float("-inf"))
                attended = (scores.softmax(-1) @ v).transpose(0, 1).reshape(count, width)
                x = x + linear(parameters, f"block{block}.out", attended)
                hidden = F.gelu(linear(parameters, f"block{block}.first", norm(parameters, f"block{block}.network-norm", x)))
                x = x + linear(parameters, f"block{block}.second", hidden)
            states.append(norm(parameters, "norm", x))
            targets += sequence[1:]
        return F.cross_entropy(torch.cat(states) @ parameters["items"].T, torch.tensor(targets))

    return parameters, loss


def scorer(users, items, labels):
    """Embeddings side by side through a layer with norm and GELU to one score; binary cross-entropy."""
    parameters = {"users": parameter(5, 4, 0.5), "items": parameter(6, 4, 0.5)}
    add_linear(parameters, "hidden", 8, 6)
    add_norm(parameters, "norm", 6)
    add_linear(parameters, "score", 6, 1)

    def loss():
        x = torch.cat([parameters["users"][torch.tensor(users)], parameters["items"][torch.tensor(items)]], dim=1)
        hidden = F.gelu(norm(parameters, "norm", linear(parameters, "hidden", x)))
        return F.binary_cross_entropy_with_logits(linear(parameters, "score", hidden)[:, 0], torch.tensor(labels, dtype=torch.float64))

    return parameters, loss


def numbers(tensor):
    return [float(f"{value:.8g}") for value in tensor.detach().flatten().tolist()]


def write(path, about, model, optimiser):
    parameters, loss = model
    before = {name: numbers(values) for name, values in parameters.items()}
    decayed = [values for values in parameters.values() if values.shape[0] > 1]
    rest = [values for values in parameters.values() if values.shape[0] == 1]
    step = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": optimiser["weightDecay"]}, {"params": rest, "weight_decay": 0.0}],
        lr=optimiser["rate"], betas=(optimiser["firstDecay"], optimiser["secondDecay"]))
    value = loss()
    value.backward()
    gradients = {name: numbers(values.grad) for name, values in parameters.items()}
    step.step()
    document = {
        **about, "optimiser": optimiser, "loss": float(f"{value.item():.8g}"),
        "parameters": {name: {"before": before[name], "gradient": gradients[name], "after": numbers(values)} for name, values in parameters.items()},
    }
    path.write_text(json.dumps(document, separators=(",", ":")) + "\n")


def main():
    folder = Path(sys.argv[1])
    torch.manual_seed(5)
    shape = {"items": 7, "dimensions": 8, "blocks": 2, "heads": 2, "length": 5}
    sequences = [[1, 3, 2, 5, 0, 1], [4, 0], [6, 2, 1, 6]]
    write(folder / "transformer.json", {"shape": shape, "sequences": sequences}, transformer(shape, sequences),
          {"rate": 0.01, "firstDecay": 0.9, "secondDecay": 0.98, "weightDecay": 0.05})
    users, items, labels = [0, 1, 1, 4, 3, 0], [2, 2, 0, 5, 1, 2], [1, 0, 1, 1, 0, 1]
    write(folder / "scorer.json", {"users": users, "items": items, "labels": labels}, scorer(users, items, labels),
          {"rate": 0.02, "firstDecay": 0.9, "secondDecay": 0.999, "weightDecay": 0.0})


if __name__ == "__main__":
    main()
