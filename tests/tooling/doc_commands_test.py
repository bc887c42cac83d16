# SPDX-License-Identifier: Apache-2.0
"""The runner of documented commands notices failures and stale output."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

RUNNER = pathlib.Path(__file__).with_name("doc_commands.py")


def run(text):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder) / "root"
        root.mkdir()
        (root / "a.md").write_text(text)
        done = subprocess.run([sys.executable, RUNNER, root, root.parent / "scratch", root, "a.md"], text=True,
                              capture_output=True, check=False)
        return done.returncode, done.stdout


class DocCommands(unittest.TestCase):
    def expect(self, text, status, words):
        code, output = run(text)
        self.assertEqual(code, status, output)
        self.assertIn(words, output)

    def test_passes(self):
        self.expect("```sh test\ncat a.md >copy\n```\n```sh test\ntest -s copy\n```\n", 0, "2 blocks, 0 failed")

    def test_output_with_other_times_passes(self):
        self.expect("```sh test\n$ echo a; echo '1.5 ms  1952'\na\n23.25 ms  1952\n```\n", 0, "1 blocks, 0 failed")
        self.expect("```sh test\n$ echo 'in 1.02 s'\nin 13.1 ms\n```\n", 0, "1 blocks, 0 failed")
        self.expect("```sh test\n$ seq 5\n1\n...\n5\n```\n", 0, "1 blocks, 0 failed")
        self.expect("```sh test\n$ echo a \\\n  b\na b\n```\n", 0, "1 blocks, 0 failed")

    def test_failing_command(self):
        self.expect("```sh test\nfalse\ntrue\n```\n", 1, "a.md:1: exit status 1")

    def test_stale_output(self):
        self.expect("text\n```sh test\n$ echo '1.5 ms  1952'\n1.5 ms  1951\n```\n", 1, "a.md:2: the output of")
        self.expect("```sh test\n$ echo '1 s of 5'\n1 kB of 5\n```\n", 1, "is not what the document shows")
        self.expect("```sh test\n$ seq 3\n1\n2\n```\n", 1, "is not what the document shows")

    def test_nothing_to_run_is_a_failure(self):
        self.expect("```sh\ntrue\n```\n", 1, "0 blocks")


if __name__ == "__main__":
    unittest.main()
