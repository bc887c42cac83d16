# SPDX-License-Identifier: Apache-2.0
"""Every cpp block of a document stands in a source that is compiled.    doc_examples.py DOCUMENT SOURCE

White space does not matter."""

import pathlib
import re
import sys


def joined(text):
    return "".join(text.split())


def missing_blocks(document, source):
    """Line numbers of the document's cpp blocks that the source does not hold."""
    text = joined(source)
    return [document[:block.start()].count("\n") + 1
            for block in re.finditer(r"^```cpp\n(.*?)^```", document, re.MULTILINE | re.DOTALL)
            if joined(block.group(1)) not in text]


def main():
    document, source = (pathlib.Path(argument) for argument in sys.argv[1:3])
    missing = missing_blocks(document.read_text(encoding="utf-8"), source.read_text(encoding="utf-8"))
    for line in missing:
        print(f"{document}:{line}: this block is not in {source}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
