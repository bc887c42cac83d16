# SPDX-License-Identifier: Apache-2.0
"""Trains a small ReLU network on the Yin-Yang task and writes it as a few-spike network (docs/examples/few_spike)."""

import argparse
import json
import pathlib

import numpy as np

import yin_yang

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "docs" / "examples" / "few_spike"
TRAIN_SEED, TEST_SEED, NUM_TEST = 1, 2, 2000
SIZES = (5, 64, 32, 3)
K = 8
NUM_BATCHES, BATCH = 2000, 200


def features(x, y):
    """(points, 5): a bias and the coordinates from both sides, all from 0 to 1."""
    return np.stack([np.ones_like(x), x, y, 1.0 - x, 1.0 - y], axis=1).astype(np.float32)


def forward(weights, values):
    activity = [values]
    for w in weights[:-1]:
        activity.append(np.maximum(activity[-1] @ w, 0.0))
    return activity, activity[-1] @ weights[-1]


def gradients(weights, values, labels):
    activity, logits = forward(weights, values)
    error = np.exp(logits - logits.max(axis=1, keepdims=True))
    error /= error.sum(axis=1, keepdims=True)
    error[np.arange(len(labels)), labels] -= 1.0
    error /= len(labels)
    result = []
    for layer in reversed(range(len(weights))):
        result.insert(0, activity[layer].T @ error)
        error = (error @ weights[layer].T) * (activity[layer] > 0.0)
    return result


def train():
    random = np.random.default_rng(0)
    weights = [random.normal(0.0, np.sqrt(2.0 / n), (n, m)) for n, m in zip(SIZES, SIZES[1:])]
    mean = [np.zeros_like(w) for w in weights]
    square = [np.zeros_like(w) for w in weights]
    for batch in range(NUM_BATCHES):
        x, y, labels = yin_yang.examples(TRAIN_SEED, batch * BATCH, (batch + 1) * BATCH)
        rate = 0.005 * 0.5 * (1.0 + np.cos(np.pi * batch / NUM_BATCHES))
        for i, g in enumerate(gradients(weights, features(x, y), labels)):
            mean[i] = 0.9 * mean[i] + 0.1 * g
            square[i] = 0.999 * square[i] + 0.001 * g * g
            corrected = mean[i] / (1.0 - 0.9 ** (batch + 1))
            weights[i] -= rate * corrected / (np.sqrt(square[i] / (1.0 - 0.999 ** (batch + 1))) + 1e-8)
    return [w.astype(np.float32) for w in weights]


def few_spike_forward(weights, alphas, values):
    """The same network with numbers rounded down to K bits, as few-spike neurons code them."""
    activity = values.astype(np.float64)
    for w, alpha in zip(weights, alphas):
        code = np.clip(np.floor(activity * 2.0**K / alpha), 0.0, 2.0**K - 1.0)
        activity = (code * alpha / 2.0**K) @ w.astype(np.float64)
    return activity


def write(folder, weights):
    x, y, _ = yin_yang.examples(TRAIN_SEED, 0, 5000)
    activity, _ = forward(weights, features(x, y))
    # Powers of two that hold what the training points reach; the bias and the coordinates reach 1.
    alphas = [float(2.0 ** np.ceil(np.log2(values.max()))) for values in activity]
    names = ["input", "hidden1", "hidden2", "output"]
    populations = [{"name": "input", "shape": [SIZES[0]],
                    "neuron": {"model": "few_spike_relu_input", "params": {"k": K, "alpha": alphas[0]}}}]
    for i, name in enumerate(names[1:], start=1):
        alpha = alphas[i] if i < len(alphas) else 1.0
        populations.append({"name": name, "shape": [SIZES[i]],
                            "neuron": {"model": "few_spike_relu", "params": {"k": K, "alpha": alpha}}})
    populations[-1]["readout"] = "var"
    connections = []
    for i, w in enumerate(weights):
        np.save(folder / f"weights{i}.npy", w)
        connections.append({"source": names[i], "target": names[i + 1],
                            "connectivity": {"model": "dense", "params": {"weight": {"file": f"weights{i}.npy"}}}})
    description = {"format": "mlgenn-network", "version": 1, "name": "few_spike",
                   "populations": populations, "connections": connections}
    (folder / "network.json").write_text(json.dumps(description, indent=2) + "\n")
    x, y, labels = yin_yang.examples(TEST_SEED, 0, NUM_TEST)
    np.save(folder / "points.npy", features(x, y))
    np.save(folder / "labels.npy", labels.astype(np.uint8))
    for name, outputs in (("ReLU", forward(weights, features(x, y))[1]),
                          ("few-spike", few_spike_forward(weights, alphas, features(x, y)))):
        correct = int((outputs.argmax(axis=1) == labels).sum())
        print(f"{name}: {correct} of {NUM_TEST} correct ({100.0 * correct / NUM_TEST:.2f} %), alphas {alphas}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=pathlib.Path, default=FOLDER)
    arguments = parser.parse_args()
    write(arguments.folder, train())
