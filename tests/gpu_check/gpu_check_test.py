# SPDX-License-Identifier: Apache-2.0
"""tools/gpu_check without a GPU: what it says, measures and notices.

Arguments: the source folder, the build folder, cmake, then those of unittest.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SOURCE, BUILD, CMAKE = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
SCRIPT = SOURCE / "tools" / "gpu_check"


class Case(unittest.TestCase):
    def setUp(self):
        # With a blank: paths are words of their own everywhere.
        self.scratch = tempfile.TemporaryDirectory(prefix="gpu check ")
        self.folder = pathlib.Path(self.scratch.name)
        self.out = self.folder / "results"

    def tearDown(self):
        self.scratch.cleanup()

    def run_script(self, script, *arguments, **environment):
        """Status and lines of a run that knows nothing of the surroundings but the PATH."""
        done = subprocess.run([script, "--out", self.out, *arguments], text=True, cwd=self.folder, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={"PATH": os.environ["PATH"], **environment})
        return done.returncode, done.stdout.splitlines()


class Script(Case):
    def program(self, name, text):
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("#!/bin/sh\n" + text + "\n")
        path.chmod(0o755)

    def programs(self, **texts):
        for name in ("mlgenn-compile", "mlgenn-gpu-bench", "differential_tests", "properties_tests"):
            self.program(name, texts.get(name.replace("-", "_"), "exit 0"))
        return self.run_script(SCRIPT, "--bin", self.folder / "bin")

    def test_without_a_gpu_it_says_so(self):
        status, lines = self.run_script(SCRIPT, "--bin", BUILD, MLGENN_LIBCUDA="libno_such_driver.so")
        self.assertEqual(status, 2, lines)
        self.assertEqual(len(lines), 2, lines)
        self.assertRegex(lines[0], r"^machine: Linux .*, \d{4}-\d\d-\d\d$")
        self.assertTrue(lines[1].startswith(
            "There is no GPU that mlgenn can use on this machine, nothing was checked and nothing was measured: "
            "no CUDA driver: libno_such_driver.so cannot be loaded; "), lines[1])
        self.assertFalse((self.out / "results.json").exists())

    def test_code_that_does_not_compile_fails_every_step(self):
        source = self.folder / "network.cu"
        source.write_text("this is no program\n")
        status, lines = self.run_script(SCRIPT, "--bin", BUILD, "--stand-in", "--quick",
                                        MLGENN_REPLACE_SOURCE=str(source))
        self.assertEqual(status, 1, lines)
        self.assertEqual([line[:4] for line in lines if line[:4] in ("PASS", "FAIL")], ["FAIL"] * 3, lines)
        self.assertEqual(lines[-1], "3 steps failed")

    def test_programs_that_do_not_start_are_no_missing_gpu(self):
        status, lines = self.programs(mlgenn_compile="echo 'version `GLIBC_9.99 not found' >&2; exit 1")
        self.assertEqual(status, 1, lines)
        self.assertEqual(lines[1], "version `GLIBC_9.99 not found")
        self.assertEqual(lines[2], f"FAIL  {self.folder}/bin/mlgenn-compile does not start on this machine")

    def test_tests_that_did_not_run_and_other_bits_are_failures(self):
        status, lines = self.programs(mlgenn_compile="echo 'cuda yes a GPU'", mlgenn_gpu_bench="exit 3",
                                      properties_tests="echo '[  PASSED  ] 3 tests.'")
        self.assertEqual(status, 1, lines)
        self.assertEqual(lines[1], "back end: a GPU")
        log = self.out / "log.txt"
        self.assertIn(f"FAIL  networks against the reference interpreter (status 0, 0 passed, see {log})", lines)
        self.assertIn("PASS  random networks against the reference interpreter (3)", lines)
        self.assertIn("FAIL  results differ between batch sizes", lines)
        self.assertEqual(lines[-1], "2 steps failed")

    def test_a_program_that_is_not_there_is_named(self):
        (self.folder / "gpu_check").write_bytes(SCRIPT.read_bytes())
        (self.folder / "gpu_check").chmod(0o755)
        status, lines = self.run_script(self.folder / "gpu_check")
        self.assertEqual(status, 1, lines)
        self.assertEqual(lines, ["gpu_check: there is no mlgenn-compile; build it, and name its folder with --bin"])


class StandIn(Case):
    def installed(self):
        """The folder that is carried to other machines, moved once."""
        subprocess.run([CMAKE, "--install", BUILD, "--component", "gpu_check", "--prefix", self.folder / "installed"],
                       check=True, stdout=subprocess.DEVNULL)
        (self.folder / "installed").rename(self.folder / "carried")
        return self.folder / "carried"

    def check_point(self, point, batch_size):
        self.assertEqual(point["batch_size"], batch_size)
        self.assertTrue(point["same_bits"])
        self.assertGreater(point["runs"], 0)
        self.assertGreater(point["kernel_ms"], 0.0)
        self.assertGreater(point["copy_ms"], 0.0)
        self.assertGreaterEqual(point["wall_ms"], point["kernel_ms"])
        self.assertAlmostEqual(point["examples_per_second"] * point["wall_ms"] / batch_size, 1e3, places=3)
        self.assertAlmostEqual(point["kernel_examples_per_second"] * point["kernel_ms"] / batch_size, 1e3, places=3)
        self.assertGreater(point["device_bytes"], 0)

    def test_the_carried_folder_measures_and_compares(self):
        status, lines = self.run_script(self.installed() / "gpu_check", "--stand-in", "--quick")
        log = self.out / "log.txt"
        self.assertEqual(status, 0, "\n".join(lines) + "\n" + log.read_text())
        self.assertTrue(lines[1].startswith("back end: stand-in GPU, driver 13.0, NVRTC 0.1"), lines[1])
        self.assertIn("PASS  networks against the reference interpreter (1)", lines)
        self.assertIn("PASS  random networks against the reference interpreter (1)", lines)
        self.assertIn("SKIP  compute-sanitizer: there is no GPU", lines)
        self.assertIn(f"PASS  measurements, in {self.out}/results.json", lines)
        self.assertEqual(lines[-2:], ["These times are those of a stand-in on a processor, not of a GPU.",
                                      "everything agreed"])
        header = next(k for k, line in enumerate(lines) if line.startswith("batch  "))
        self.assertEqual(lines[header].split(), "batch wall ms kernel ms copy ms ms/example examples/s kernel "
                         "examples/s device memory same bits".split())
        for line, batch_size in zip(lines[header + 1:header + 3], ("1", "32")):
            self.assertEqual((line.split()[0], line.split()[-1]), (batch_size, "yes"))
        report = json.loads((self.out / "results.json").read_text())
        self.assertEqual(report["device"], "stand-in GPU, driver 13.0")
        self.assertEqual([result["network"] for result in report["results"]], ["yin_yang"])
        result = report["results"][0]
        self.assertEqual((result["timesteps"], result["schedule"]), (60, "whole_sequence"))
        self.assertGreater(result["compile_cold_ms"], result["compile_warm_ms"])
        self.assertEqual(len(result["points"]), 2)
        for point, batch_size in zip(result["points"], (1, 32)):
            self.check_point(point, batch_size)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
