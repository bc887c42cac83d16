# SPDX-License-Identifier: Apache-2.0
"""Every house rule finds a planted breach and lets a clean tree pass."""

import pathlib
import tempfile
import unittest

import house_rules

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
CLEAN = {
    "runtime/include/mlgenn/array.h": SPDX + "#include <vector>\n",
    "runtime/src/array.cpp": SPDX + '#include "mlgenn/array.h"\n',
    "runtime/src/long.cpp": SPDX + "int a();\nint f() {\n" + "    a();\n" * 58 + "}\n" + "struct S {\n" + "    int b;\n" * 80 +
                            "};\nint g(int x);\n" + "// comment\n" * 70 + "int h() {\n}\n",
    "compiler/include/mlgenn/network.h": SPDX + '#include "mlgenn/array.h"\n',
    "compiler/backends/llvm/jit.cpp": SPDX + "#include <llvm/IR/Module.h>\n",
    "compiler/description/json.cpp": SPDX + "#include <nlohmann/json.hpp>\n",
    "tools/mlgenn_compile/main.cpp": SPDX + '#include "compiler/models/catalogue.h"\n#include <CLI/CLI.hpp>\n',
    "docs/a.md": "# A B\n\n[b](b.md), [a](#a-b), [web](https://example.org)\n",
    "docs/b.md": "[a](a.md#a-b)\n",
}
# rule -> (file, text, words of the finding)
BREACHES = {
    "spdx": [("tools/x.sh", "#!/bin/sh\n", "no 'SPDX")],
    "length": [("runtime/src/longer.cpp", SPDX + "\n" * 600, "601 lines")],
    "function_length": [("runtime/src/x.cpp", SPDX + "int f(int a,\n      int b) {\n" + "    a += b;\n" * 58 + "}\n",
                         "a function of 61 lines")],
    "layers": [("runtime/src/x.cpp", SPDX + '#include "mlgenn/network.h"\n', "runtime/ may not include"),
               ("runtime/src/x.cpp", SPDX + '#include "compiler/ir/expr.h"\n', "of compiler/"),
               ("compiler/src/x.cpp", SPDX + '#include "tools/mlgenn_compile/a.h"\n', "of tools/"),
               ("tools/x/x.cpp", SPDX + '#include "tests/support/a.h"\n', "of tests/")],
    "third_party": [("compiler/include/mlgenn/x.h", SPDX + "#include <nlohmann/json_fwd.hpp>\n", "public header"),
                    ("compiler/include/mlgenn/x.h", SPDX + "#include <cuda.h>\n", "public header"),
                    ("compiler/ir/x.cpp", SPDX + "#include <llvm/IR/Module.h>\n", "(LLVM) is allowed only"),
                    ("compiler/backends/llvm/x.h", SPDX + "#include <llvm/IR/Module.h>\n", "(LLVM)"),
                    ("compiler/ir/x.cpp", SPDX + "#include <nlohmann/json.hpp>\n", "(JSON)"),
                    ("runtime/src/x.cpp", SPDX + "#include <spdlog/spdlog.h>\n", "(spdlog)")],
    "machine_paths": [("docs/x.md", "see /home/" + "somebody/a\n", "machine path")],
    "unfinished": [("runtime/src/x.cpp", SPDX + "// TO" + "DO: later\n", "TO" + "DO")],
    "links": [("docs/x.md", "[gone](gone.md)\n", "does not exist"), ("docs/x.md", "[a](a.md#c)\n", "no such heading")],
    "layout": [("src/x.cpp", SPDX, "not in one of")],
}


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


class HouseRules(unittest.TestCase):
    def test_every_rule_has_a_breach(self):
        self.assertEqual(set(BREACHES), set(house_rules.RULES))

    def test_clean_tree(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            write(root, CLEAN)
            for name, rule in house_rules.RULES.items():
                self.assertEqual(list(rule(root)), [], name)

    def test_breaches(self):
        for name, breaches in BREACHES.items():
            for file, text, words in breaches:
                with self.subTest(rule=name, text=text[-50:]), tempfile.TemporaryDirectory() as folder:
                    root = pathlib.Path(folder)
                    write(root, CLEAN | {file: text})
                    found = list(house_rules.RULES[name](root))
                    self.assertEqual(len(found), 1, found)
                    self.assertTrue(found[0].startswith(file + ":"), found)
                    self.assertIn(words, found[0])


if __name__ == "__main__":
    unittest.main()
