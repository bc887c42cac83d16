# SPDX-License-Identifier: Apache-2.0
"""The C++ example of README.md is the source that the package test builds and runs.    readme_example.py ROOT"""

import pathlib
import re
import sys


def main():
    root = pathlib.Path(sys.argv[1])
    source = (root / "tests" / "package" / "consumer" / "main.cpp").read_text()
    source = re.sub(r"\A(//.*\n)+", "", source)
    shown = re.search(r"^```cpp\n(.*?)^```", (root / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    if not shown or shown.group(1) != source:
        print("README.md: the first cpp block is not tests/package/consumer/main.cpp without its first comment")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
