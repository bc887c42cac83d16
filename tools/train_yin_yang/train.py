# SPDX-License-Identifier: Apache-2.0
"""Trains the shipped Yin-Yang example and writes it to docs/examples/yin_yang.

Surrogate-gradient backpropagation through time in plain NumPy, for a network of spike_input ->
leaky_integrate_fire -> leaky_integrate with the timing of docs/semantics.md: a spike of step n arrives in step n + 1.
`--check` trains nothing: it reads the folder's weights and test set and says what `ordered` accumulation must give.
"""

import argparse
import json
import pathlib
import time

import numpy as np

import yin_yang

NUM_HIDDEN = 128
NUM_TIMESTEPS = 60
TAU_MEM_MS = 20.0
TAU_SYN_MS = 5.0
TRAIN_SEED = 1
TEST_SEED = 2
NUM_TEST = 2000
BATCH = 200
EXAMPLES_PER_EPOCH = 5000

# Constants of generated code: computed in double, rounded once.
ALPHA = np.float32(np.exp(-1.0 / TAU_MEM_MS))
DECAY = np.float32(np.exp(-1.0 / TAU_SYN_MS))

# The average of V is small; this makes it logits.
LOGIT_SCALE = np.float32(4.0)
SURROGATE_SLOPE = np.float32(5.0)


def input_traces(steps):
    """(timesteps, examples, inputs): the exponential synapse's current for a weight of one."""
    n = np.arange(NUM_TIMESTEPS)[:, None, None]
    age = n - 1 - steps[None]
    return np.where(age >= 0, DECAY ** np.maximum(age, 0), 0.0).astype(np.float32)


def forward(traces, w_in, w_out):
    """Hidden voltages before reset and spikes (timesteps, examples, hidden), and the average output voltage."""
    shape = (NUM_TIMESTEPS, traces.shape[1], NUM_HIDDEN)
    voltages, spikes = np.empty(shape, np.float32), np.zeros(shape, np.float32)
    v = np.zeros(shape[1:], np.float32)
    current_out = np.zeros((shape[1], yin_yang.NUM_CLASSES), np.float32)
    v_out, average = np.zeros_like(current_out), np.zeros_like(current_out)
    for n in range(NUM_TIMESTEPS):
        np.multiply(v, ALPHA, out=v)
        v += traces[n] @ w_in
        voltages[n] = v
        np.greater_equal(v, np.float32(1.0), out=spikes[n], casting="unsafe")
        v -= spikes[n]
        if n > 0:
            current_out += spikes[n - 1] @ w_out
        v_out = ALPHA * v_out + current_out
        current_out *= DECAY
        average += v_out / np.float32(NUM_TIMESTEPS)
    return voltages, spikes, average


def backward(traces, voltages, spikes, w_out, d_average):
    """Gradients of both weight matrices."""
    grad_in = np.zeros((yin_yang.NUM_INPUTS, NUM_HIDDEN), np.float32)
    grad_out = np.zeros_like(w_out)
    d_v = np.zeros(voltages.shape[1:], np.float32)
    d_v_out, d_current = np.zeros_like(d_average), np.zeros_like(d_average)
    for n in range(NUM_TIMESTEPS - 1, -1, -1):
        # d_current is the gradient of the current that spikes of step n add to in step n + 1.
        d_spike = d_current @ w_out.T
        grad_out += spikes[n].T @ d_current
        d_v_out = ALPHA * d_v_out + d_average / np.float32(NUM_TIMESTEPS)
        d_current = DECAY * d_current + d_v_out
        surrogate = np.float32(1.0) / np.square(1 + SURROGATE_SLOPE * np.abs(voltages[n] - 1))
        d_v *= ALPHA
        d_v += surrogate * (d_spike - d_v)
        grad_in += traces[n].T @ d_v
    return grad_in, grad_out


class Adam:
    def __init__(self, shapes):
        self.first = [np.zeros(s, np.float32) for s in shapes]
        self.second = [np.zeros(s, np.float32) for s in shapes]
        self.num_updates = 0

    def update(self, weights, gradients, rate):
        self.num_updates += 1
        for w, g, first, second in zip(weights, gradients, self.first, self.second):
            first += 0.1 * (g - first)
            second += 0.001 * (g * g - second)
            step = first / (1 - 0.9**self.num_updates)
            w -= (rate * step / (np.sqrt(second / (1 - 0.999**self.num_updates)) + 1e-8)).astype(np.float32)


def batch_step(adam, weights, epoch_batch, rate):
    begin = epoch_batch * BATCH
    x, y, labels = yin_yang.examples(TRAIN_SEED, begin, begin + BATCH)
    traces = input_traces(yin_yang.spike_steps(x, y))
    voltages, spikes, average = forward(traces, *weights)
    logits = LOGIT_SCALE * average
    probabilities = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    d_logits = probabilities
    d_logits[np.arange(BATCH), labels] -= 1
    gradients = backward(traces, voltages, spikes, weights[1], LOGIT_SCALE * d_logits / np.float32(BATCH))
    adam.update(weights, gradients, rate)
    return int((average.argmax(axis=1) == labels).sum())


def train(num_epochs):
    counters = np.arange(yin_yang.NUM_INPUTS * NUM_HIDDEN)
    w_in = (yin_yang.uniform(3, counters, 0).reshape(yin_yang.NUM_INPUTS, NUM_HIDDEN) * 0.8 - 0.2).astype(np.float32)
    counters = np.arange(NUM_HIDDEN * yin_yang.NUM_CLASSES)
    w_out = (yin_yang.uniform(4, counters, 0).reshape(NUM_HIDDEN, yin_yang.NUM_CLASSES) * 0.2 - 0.1).astype(np.float32)
    weights, adam = [w_in, w_out], Adam([w_in.shape, w_out.shape])
    batches = EXAMPLES_PER_EPOCH // BATCH
    started = time.monotonic()
    for epoch in range(num_epochs):
        rate = 4e-3 * 0.5 * (1 + np.cos(np.pi * epoch / num_epochs)) + 2e-5
        correct = sum(batch_step(adam, weights, epoch * batches + b, rate) for b in range(batches))
        print(f"epoch {epoch + 1:3d}  {100 * correct / (batches * BATCH):6.2f} %  "
              f"{time.monotonic() - started:6.1f} s", flush=True)
    return weights


def ordered_readout(steps, w_in, w_out):
    """What the network must answer in `ordered` mode: float32, every sum by ascending presynaptic neuron."""
    num = steps.shape[0]
    in_hidden, v = np.zeros((num, NUM_HIDDEN), np.float32), np.zeros((num, NUM_HIDDEN), np.float32)
    in_out = np.zeros((num, yin_yang.NUM_CLASSES), np.float32)
    v_out, average = np.zeros_like(in_out), np.zeros_like(in_out)
    hidden_spikes = np.zeros((num, NUM_HIDDEN), bool)
    num_spikes = 0
    scale = np.float32(1.0 / NUM_TIMESTEPS)
    for n in range(NUM_TIMESTEPS):
        for i in range(yin_yang.NUM_INPUTS):
            in_hidden[steps[:, i] == n - 1] += w_in[i]
        for i in range(NUM_HIDDEN):
            in_out[hidden_spikes[:, i]] += w_out[i]
        v = ALPHA * v + in_hidden
        in_hidden *= DECAY
        v_out = ALPHA * v_out + in_out
        in_out *= DECAY
        average += scale * v_out
        hidden_spikes = v >= np.float32(1.0)
        num_spikes += int(hidden_spikes.sum())
        v -= hidden_spikes.astype(np.float32)
    return average, num_spikes


def read_test_set(folder):
    """Spike steps (examples, inputs) and labels."""
    labels = np.load(folder / "test_labels.npy")
    with np.load(folder / "test_spikes.npz") as spikes:
        times, ids = spikes["times"], spikes["ids"]
    steps = np.empty((labels.size, yin_yang.NUM_INPUTS), np.int64)
    steps[np.arange(times.size) // yin_yang.NUM_INPUTS, ids] = times.astype(np.int64)
    return steps, labels


def check(folder):
    """Prints the accuracy on the folder's test set and gives back the readouts."""
    w_in, w_out = np.load(folder / "input_to_hidden.npy"), np.load(folder / "hidden_to_output.npy")
    steps, labels = read_test_set(folder)
    readout, num_spikes = ordered_readout(steps, w_in, w_out)
    correct = int((readout.argmax(axis=1) == labels).sum())
    print(f"{correct} of {labels.size} correct ({100 * correct / labels.size:.2f} %), "
          f"{num_spikes / labels.size:.1f} hidden spikes per example")
    return readout


def write_test_set(folder):
    x, y, labels = yin_yang.examples(TEST_SEED, 0, NUM_TEST)
    steps = yin_yang.spike_steps(x, y)
    np.savez_compressed(folder / "test_spikes.npz",
                        times=steps.astype(np.float32).reshape(-1),
                        ids=np.tile(np.arange(yin_yang.NUM_INPUTS, dtype=np.uint8), NUM_TEST),
                        offsets=np.arange(NUM_TEST + 1, dtype=np.uint32) * np.uint32(yin_yang.NUM_INPUTS))
    np.save(folder / "test_labels.npy", labels.astype(np.uint8))


def write_network(folder):
    def model(name, **params):
        return {"model": name, "params": params}

    def connection(source, target):
        return {"source": source, "target": target,
                "connectivity": model("dense", weight={"file": f"{source}_to_{target}.npy"}),
                "synapse": model("exponential", tau=TAU_SYN_MS)}

    head = {"format": "mlgenn-network", "version": 1, "name": "yin_yang", "dt": 1.0,
            "example_timesteps": NUM_TIMESTEPS}
    populations = [
        {"name": "input", "shape": [yin_yang.NUM_INPUTS], "neuron": "spike_input"},
        {"name": "hidden", "shape": [NUM_HIDDEN], "neuron": model("leaky_integrate_fire", tau_mem=TAU_MEM_MS)},
        {"name": "output", "shape": [yin_yang.NUM_CLASSES], "neuron": model("leaky_integrate", tau_mem=TAU_MEM_MS),
         "readout": "avg_var"},
    ]
    connections = [connection("input", "hidden"), connection("hidden", "output")]

    def lines(items):
        return ",\n".join("    " + json.dumps(item) for item in items)

    members = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    members.append(f'  "populations": [\n{lines(populations)}\n  ]')
    members.append(f'  "connections": [\n{lines(connections)}\n  ]')
    (folder / "network.json").write_text("{\n" + ",\n".join(members) + "\n}\n")


def main():
    default_folder = pathlib.Path(__file__).resolve().parents[2] / "docs" / "examples" / "yin_yang"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=pathlib.Path, default=default_folder)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--check", action="store_true", help="only evaluate what is there")
    arguments = parser.parse_args()
    if not arguments.check:
        arguments.folder.mkdir(parents=True, exist_ok=True)
        w_in, w_out = train(arguments.epochs)
        np.save(arguments.folder / "input_to_hidden.npy", w_in)
        np.save(arguments.folder / "hidden_to_output.npy", w_out)
        write_test_set(arguments.folder)
        write_network(arguments.folder)
    readout = check(arguments.folder)
    if not arguments.check:
        np.save(arguments.folder / "expected_readout.npy", readout)


if __name__ == "__main__":
    main()
