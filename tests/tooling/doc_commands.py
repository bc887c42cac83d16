# SPDX-License-Identifier: Apache-2.0
"""Runs the commands that the documents show, and compares the output that they show.

    doc_commands.py ROOT SCRATCH TOOLS_FOLDER FILE.md...

A fenced block with the info string `sh test` is run by bash, in a folder that looks like the repository's root: links
to its entries, so that what a command writes does not land in the source tree. Blocks of one file share that folder
and a kernel cache, which is empty at first.
Lines may start with `$ `; then the other lines are what the command prints, and they must fit: a number before a unit
of time or memory stands for any number, and a line of `...` for any lines.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

BLOCK = re.compile(r"^```sh test *\n(.*?)^```", re.MULTILINE | re.DOTALL)
# In escaped text: a number, the space and the unit.
QUANTITIES = [re.compile(r"\d[\d,]*(?:\\\.\d+)?((?:\\ )?)" + units + r"\b")
              for units in ("(?:ns|us|µs|ms|s)", "(?:bytes|B|kB|MB|GB|KiB|MiB|GiB)")]
TIMEOUT_S = 300


def scratch_root(root, scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    for entry in root.iterdir():
        if not entry.name.startswith((".git", "build")):
            (scratch / entry.name).symlink_to(entry)


def parts_of(block):
    """(command, expected output or None) in order."""
    if not re.search(r"^\$ ", block, re.MULTILINE):
        return [(block, None)]
    parts = []
    for line in block.splitlines():
        if line.startswith("$ "):
            parts.append([line[2:], None])
        elif parts and parts[-1][1] is None and parts[-1][0].endswith("\\"):
            parts[-1][0] += "\n" + line
        elif parts:
            parts[-1][1] = (parts[-1][1] or "") + line + "\n"
    return [tuple(part) for part in parts]


def pattern_of(expected):
    """A regular expression for shown output."""
    lines = []
    for line in expected.rstrip("\n").split("\n"):
        if line.strip() == "...":
            lines.append(r"(?:.*\n)*?")
            continue
        exact = re.escape(line.rstrip())
        exact = QUANTITIES[0].sub(lambda found: r"[\d.,]+" + found.group(1) + "(?:ns|us|µs|ms|s)", exact)
        exact = QUANTITIES[1].sub(lambda found: r"[\d.,]+" + found.group(1) + "(?:bytes|B|kB|MB|GB|KiB|MiB|GiB)", exact)
        # A quantity of another width moves what is aligned with it.
        lines.append(re.sub(r"(?:\\ )+", " +", exact) + r"[ ]*\n")
    return re.compile("".join(lines))


def run_block(file, line, block, folder, tools):
    environment = dict(os.environ, PATH=f"{tools}{os.pathsep}{os.environ['PATH']}", NO_COLOR="1",
                       MLGENN_CACHE_DIR=str(folder / "kernel_cache"))
    for command, expected in parts_of(block):
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=folder, env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT_S, check=False)
        if done.returncode != 0 and "; echo $?" not in command:
            return f"{file}:{line}: exit status {done.returncode} from\n{command}\n{done.stdout}"
        if expected is not None and not pattern_of(expected).fullmatch(re.sub(r"[ ]+\n", "\n", done.stdout)):
            return f"{file}:{line}: the output of\n{command}\nis not what the document shows. It is\n{done.stdout}"
    return None


def main():
    root, scratch, tools = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
    num_blocks, failures = 0, []
    for file in sys.argv[4:]:
        folder = scratch / file.replace("/", ".")
        scratch_root(root, folder)
        text = (root / file).read_text(encoding="utf-8")
        for found in BLOCK.finditer(text):
            num_blocks += 1
            failure = run_block(file, text.count("\n", 0, found.start()) + 1, found.group(1), folder, tools)
            failures += [failure] if failure else []
    for failure in failures:
        print(failure)
    print(f"{num_blocks} blocks, {len(failures)} failed")
    return 1 if failures or num_blocks == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
