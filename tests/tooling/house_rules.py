# SPDX-License-Identifier: Apache-2.0
"""The rules of the source tree that no compiler checks. Prints every breach as `file:line: what`, exit status 1 if any.

    house_rules.py ROOT [RULE...]      all rules by default
"""

import pathlib
import re
import subprocess
import sys

SOURCE_SUFFIXES = {".h", ".hpp", ".cpp", ".cu", ".cuh", ".in", ".py", ".sh", ".cmake"}
MAX_LINES = 600
MAX_FUNCTION_LINES = 60

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
# Which of our own folders a folder may include from, besides itself.
MAY_INCLUDE = {"runtime": set(), "compiler": {"runtime"}, "tools": {"runtime", "compiler"}}
# Third-party headers by the files that may include them; a pattern is a glob from the root.
THIRD_PARTY = {
    "LLVM": (re.compile(r"^(llvm|llvm-c)/"), ["compiler/backends/llvm/*.cpp", "compiler/backends/llvm/generator.h",
                                              "tests/**/*.cpp"]),
    "JSON": (re.compile(r"^(nlohmann/json\.hpp|json\.hpp)$"), ["compiler/description/*.cpp", "tools/**/*.cpp",
                                                               "tools/**/*.h", "tests/**/*.cpp", "tests/**/*.h"]),
    "JSON declarations": (re.compile(r"^nlohmann/json_fwd\.hpp$"), ["compiler/description/*", "tools/**/*.cpp",
                                                                    "tools/**/*.h", "tests/**/*.cpp", "tests/**/*.h"]),
    "spdlog": (re.compile(r"^(spdlog|fmt)/"), ["compiler/**/*.cpp", "tools/**/*.cpp"]),
    "CLI11": (re.compile(r"^CLI/"), ["tools/**/*.cpp"]),
    "CUDA": (re.compile(r"^(cuda|nvrtc)"), ["runtime/cuda/**/*.cpp", "runtime/cuda/**/*.h",
                                            "compiler/backends/cuda/**/*.cpp"]),
    "zlib": (re.compile(r"^zlib\.h$"), ["compiler/description/*", "tests/**/*"]),
}
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|home/\w+|root|Users)/[\w.]")
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")


def files_of(root):
    """Files that belong to the project: those that git knows, or all but hidden and built ones where there is no git."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, text=True, check=False) \
        if (root / ".git").exists() else None
    if listed and listed.returncode == 0:
        names = [pathlib.Path(name) for name in listed.stdout.split("\0") if name]
    else:
        names = [path.relative_to(root) for path in root.rglob("*")]
        names = [name for name in names if not name.parts[0].startswith("build") and "__pycache__" not in name.parts
                 and not name.parts[0].startswith(".git")]
    for name in sorted(names):
        if (root / name).is_file():
            yield root / name, name


def is_source(relative):
    return relative.suffix in SOURCE_SUFFIXES or relative.name == "CMakeLists.txt" or relative.parts[0] == ".ci"


def text_lines(path):
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


def includes(path):
    for number, line in enumerate(text_lines(path), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found.group(2)


def rule_spdx(root):
    """Every source file names its licence in its first three lines; golden files hold just what was generated."""
    for path, relative in files_of(root):
        generated = relative.parts[:2] == ("tests", "golden") and relative.suffix == ".cu"
        if is_source(relative) and not generated and not any("SPDX-License-Identifier: Apache-2.0" in line
                                                             for line in text_lines(path)[:3]):
            yield f"{relative}:1: no 'SPDX-License-Identifier: Apache-2.0' line"


def rule_length(root):
    """A file has one job and fits into a reader's head."""
    for path, relative in files_of(root):
        if is_source(relative):
            count = len(text_lines(path))
            if count >= MAX_LINES:
                yield f"{relative}:{count}: {count} lines, fewer than {MAX_LINES} are allowed"


def rule_function_length(root):
    """A function does one thing; in tests it may be a table. Sees free functions and members defined outside of their
    class, as formatted."""
    for path, relative in files_of(root):
        if relative.suffix not in (".h", ".cpp", ".cu", ".cuh") or relative.parts[0] == "tests":
            continue
        begin = None
        for number, line in enumerate(text_lines(path), 1):
            if re.match(r"^[A-Za-z_].*[(]", line) and not line.endswith(";") and begin is None:
                begin = number
            elif line.startswith("}"):
                if begin is not None and line == "}" and number - begin + 1 > MAX_FUNCTION_LINES:
                    yield f"{relative}:{begin}: a function of {number - begin + 1} lines, " \
                          f"{MAX_FUNCTION_LINES} are allowed"
                begin = None
            elif re.match(r"^[A-Za-z_].*;$", line):
                begin = None


def rule_layers(root):
    """tools -> compiler -> runtime, never back."""
    for path, relative in files_of(root):
        layer = relative.parts[0]
        if layer not in MAY_INCLUDE or not is_source(relative):
            continue
        for number, header in includes(path):
            other = header.split("/")[0]
            if header.startswith("mlgenn/"):
                other = "runtime" if (root / "runtime" / "include" / header).exists() else "compiler"
            if other in ("runtime", "compiler", "tools", "tests") and other != layer and \
                    other not in MAY_INCLUDE[layer]:
                yield f"{relative}:{number}: {layer}/ may not include '{header}' of {other}/"


def rule_third_party(root):
    """Heavy or optional libraries stay in the few files that are about them; public headers have none."""
    for path, relative in files_of(root):
        if not is_source(relative) or relative.parts[0] not in ("runtime", "compiler", "tools", "tests"):
            continue
        public = "include" in relative.parts
        for number, header in includes(path):
            if public:
                if ("/" in header or "." in header) and not header.startswith("mlgenn/"):
                    yield f"{relative}:{number}: a public header may include only the standard library and mlgenn, " \
                          f"not '{header}'"
                continue
            for library, (pattern, allowed) in THIRD_PARTY.items():
                if pattern.match(header) and not any(matches(relative, glob) for glob in allowed):
                    yield f"{relative}:{number}: '{header}' ({library}) is allowed only in {', '.join(allowed)}"


def matches(relative, glob):
    """pathlib's match, with ** for any number of folders, also none."""
    pattern = re.escape(glob).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
    return re.fullmatch(pattern, relative.as_posix()) is not None


def rule_machine_paths(root):
    """Nothing in the tree knows where it lies on somebody's machine."""
    for path, relative in files_of(root):
        if is_source(relative) or relative.suffix in (".md", ".json", ".txt"):
            for number, line in enumerate(text_lines(path), 1):
                found = MACHINE_PATH.search(line)
                if found:
                    yield f"{relative}:{number}: machine path '{found.group(0)}...'"


def rule_unfinished(root):
    """Work that is left is done or written down in docs, not marked in the code."""
    marker = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
    for path, relative in files_of(root):
        if is_source(relative) or relative.suffix == ".md":
            for number, line in enumerate(text_lines(path), 1):
                if marker.search(line):
                    yield f"{relative}:{number}: '{marker.search(line).group(0)}'"


def anchors_of(path):
    """Anchors of a Markdown file's headings, as code hosts make them."""
    for line in text_lines(path):
        if line.startswith("#"):
            heading = re.sub(r"[`*]", "", line.lstrip("#").strip().lower())
            yield re.sub(r"[^\w\- ]", "", heading).replace(" ", "-")


def rule_links(root):
    """Links between the project's own documents lead somewhere."""
    for path, relative in files_of(root):
        if relative.suffix != ".md":
            continue
        for number, line in enumerate(text_lines(path), 1):
            for target in LINK.findall(line):
                if re.match(r"[a-z]+:", target):
                    continue
                name, _, anchor = target.partition("#")
                file = (path.parent / name) if name else path
                if not file.exists():
                    yield f"{relative}:{number}: link to '{target}', which does not exist"
                elif anchor and file.suffix == ".md" and anchor not in anchors_of(file):
                    yield f"{relative}:{number}: link to '{target}': no such heading"


def rule_layout(root):
    """Nothing else at top level."""
    expected = {"CMakeLists.txt", "compiler", "runtime", "codegen_templates", "schemas", "tests", "tools", "docs",
                "README.md", "LICENSE", "CMakePresets.json"}
    for _, relative in files_of(root):
        if relative.parts[0] not in expected and not relative.parts[0].startswith("."):
            yield f"{relative}:1: not in one of the project's folders"


RULES = {name.removeprefix("rule_"): function for name, function in list(globals().items())
         if name.startswith("rule_")}


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    breaches = [breach for name in sys.argv[2:] or RULES for breach in RULES[name](root)]
    for breach in breaches:
        print(breach)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
