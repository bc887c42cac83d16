# SPDX-License-Identifier: Apache-2.0
"""The Yin-Yang task of Kriener et al. (2021), generated from its definition, as spike latencies.

Random numbers come from a counter-based hash (splitmix64) and the geometry needs only +, *, sqrt and comparisons, so
every machine makes the same data from the same seed.
"""

import numpy as np

R_SMALL = 0.1
R_BIG = 0.5
NUM_INPUTS = 5  # bias, x, y, 1 - x, 1 - y
NUM_CLASSES = 3  # yin, yang, dot

# Half a step over a whole number: x and 1 - x are then rounded at interleaved boundaries, which doubles the resolution
# that a time grid of 1 ms leaves.
LATENCY_SCALE_MS = 39.5


def _splitmix64(state):
    with np.errstate(over="ignore"):
        state = state + np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return state ^ (state >> np.uint64(31))


def uniform(seed, counters, stream):
    """One float64 in [0, 1) per counter: a function of (seed, counter, stream) alone."""
    key = _splitmix64(np.asarray(counters, dtype=np.uint64) ^ _splitmix64(np.uint64(seed)))
    return (_splitmix64(key + np.uint64(stream)) >> np.uint64(11)) * 2.0**-53


def class_of(x, y):
    """0 yin, 1 yang, 2 dot, -1 outside of the big circle."""
    to_right = np.sqrt((x - 1.5 * R_BIG) * (x - 1.5 * R_BIG) + (y - R_BIG) * (y - R_BIG))
    to_left = np.sqrt((x - 0.5 * R_BIG) * (x - 0.5 * R_BIG) + (y - R_BIG) * (y - R_BIG))
    to_centre = np.sqrt((x - R_BIG) * (x - R_BIG) + (y - R_BIG) * (y - R_BIG))
    dot = (to_right < R_SMALL) | (to_left < R_SMALL)
    yang = (to_left <= 0.5 * R_BIG) | ((y > R_BIG) & (to_right > 0.5 * R_BIG))
    return np.where(to_centre > R_BIG, -1, np.where(dot, 2, np.where(yang, 1, 0)))


def examples(seed, begin, end):
    """Points (x, y) and labels of the examples begin .. end-1; classes are equally frequent."""
    index = np.arange(begin, end, dtype=np.uint64)
    labels = (uniform(seed, index, 0) * NUM_CLASSES).astype(np.int64)
    x, y = np.zeros(index.size), np.zeros(index.size)
    open_ = np.arange(index.size)
    attempt = 0
    while open_.size > 0:
        new_x = uniform(seed, index[open_], 1 + 2 * attempt) * (2.0 * R_BIG)
        new_y = uniform(seed, index[open_], 2 + 2 * attempt) * (2.0 * R_BIG)
        hit = class_of(new_x, new_y) == labels[open_]
        x[open_[hit]], y[open_[hit]] = new_x[hit], new_y[hit]
        open_ = open_[~hit]
        attempt += 1
    return x, y, labels


def spike_steps(x, y):
    """(examples, inputs): the one step of 1 ms in which each input neuron spikes."""
    features = np.stack([np.zeros_like(x), x, y, 1.0 - x, 1.0 - y], axis=1)
    return np.floor(features * LATENCY_SCALE_MS + 0.5).astype(np.int64)
