# SPDX-License-Identifier: Apache-2.0
"""The shipped example is what the repository's own generator and forward pass make. Exit status 77: no NumPy."""

import pathlib
import sys
import tempfile
import unittest

try:
    import numpy as np
except ImportError:
    print("skipped: NumPy is not installed")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "yin_yang"
sys.path.insert(0, str(ROOT / "tools" / "train_yin_yang"))

import train  # noqa: E402
import yin_yang  # noqa: E402


class ExampleData(unittest.TestCase):
    def test_generated_files(self):
        with tempfile.TemporaryDirectory() as folder:
            train.write_test_set(pathlib.Path(folder))
            train.write_network(pathlib.Path(folder))
            made = pathlib.Path(folder)
            for name in ("network.json", "test_labels.npy"):
                self.assertEqual((made / name).read_bytes(), (EXAMPLE / name).read_bytes(), name)
            # Compression may differ between versions of NumPy, the arrays may not.
            with np.load(made / "test_spikes.npz") as new, np.load(EXAMPLE / "test_spikes.npz") as old:
                self.assertEqual(sorted(new.files), ["ids", "offsets", "times"])
                self.assertEqual(sorted(new.files), sorted(old.files))
                for name in new.files:
                    self.assertEqual(new[name].dtype, old[name].dtype, name)
                    self.assertEqual(new[name].tobytes(), old[name].tobytes(), name)

    def test_readout(self):
        readout = train.check(EXAMPLE)
        expected = np.load(EXAMPLE / "expected_readout.npy")
        self.assertEqual(readout.tobytes(), expected.tobytes())
        self.assertEqual(int((expected.argmax(axis=1) == np.load(EXAMPLE / "test_labels.npy")).sum()), 1952)

    def test_task(self):
        x, y, labels = yin_yang.examples(train.TEST_SEED, 0, train.NUM_TEST)
        self.assertTrue((yin_yang.class_of(x, y) == labels).all())
        self.assertGreater(np.bincount(labels, minlength=3).min(), train.NUM_TEST // 4)
        # Corner cases of the definition: the dots' centres, the middle of each half, outside.
        points = np.array([[0.25, 0.5], [0.75, 0.5], [0.5, 0.9], [0.5, 0.1], [0.05, 0.05]])
        self.assertEqual(yin_yang.class_of(points[:, 0], points[:, 1]).tolist(), [2, 2, 1, 0, -1])


if __name__ == "__main__":
    unittest.main()
