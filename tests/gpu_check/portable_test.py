# SPDX-License-Identifier: Apache-2.0
"""Programs and libraries of a portable build need glibc and nothing else. Arguments: the files; the first is a program
that answers --version.
"""

import re
import subprocess
import sys

GLIBC = re.compile(r"^(lib(c|m|dl|pthread|rt)\.so\.\d|ld-linux.*\.so\.\d)$")


def dynamic_section(file):
    return subprocess.run(["readelf", "--wide", "--dynamic", "--version-info", file], text=True, check=True,
                          stdout=subprocess.PIPE).stdout


def main(files):
    problems = []
    versions = set()
    for file in files:
        text = dynamic_section(file)
        needed = re.findall(r"\(NEEDED\).*\[(.*)\]", text)
        problems += [f"{file} needs {name}" for name in needed if not GLIBC.match(name)]
        problems += [] if needed else [f"readelf says nothing about {file}"]
        problems += [f"{file} looks for libraries in {place}"
                     for place in re.findall(r"\((?:RPATH|RUNPATH)\).*\[(.*)\]", text)]
        versions |= {tuple(map(int, version.split("."))) for version in re.findall(r"Name: GLIBC_([\d.]+)", text)}
    started = subprocess.run([files[0], "--version"], env={}, text=True, check=False, stdout=subprocess.PIPE)
    if started.returncode != 0 or not started.stdout:
        problems.append(f"{files[0]} does not start with an empty environment")
    print("\n".join(problems))
    print("glibc " + ".".join(map(str, max(versions))) + " or later is needed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
