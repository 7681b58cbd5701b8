"""Find every place in the package that raises a user's error, with its sentence; used to write docs/reference/errors.md.

python tools/list_errors.py                  prints them, one a line
python tools/list_errors.py recorded.json    also writes tests/errors_provoked.json: which test provokes which
"""

import ast
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PACKAGE = PROJECT / "src/helixtune"
ERRORS = {
    "InputFileError",
    "FormatError",
    "ShapeError",
    "ParameterError",
    "ModelFileError",
    "EmptyResultError",
    "HelixtuneError",
}
# Functions that raise for their callers: the sentence (or part of it) is the last argument.
RAISING_METHODS = {"fail"}
# Functions that return the sentence for an error of the machine (space, rights, memory).
REFUSING = {"refusal"}
MACHINE = "of the machine"


@dataclass(frozen=True)
class Site:
    """One place that raises.

    Attributes:
        module: path below the package, e.g. "annotation/gff3.py".
        function: name of the function around it.
        line: first and last line of the statement.
        kind: the error's class.
        sentence: the message with `<name>` for what is filled in; nothing but that if it is made elsewhere.
    """

    module: str
    function: str
    line: tuple[int, int]
    kind: str
    sentence: str

    @property
    def key(self) -> str:
        """Name it so that other lines of the file may change."""
        return f"{self.module}::{self.function}::{self.sentence[:80]}"

    @property
    def literals(self) -> list[str]:
        """The text between the holes."""
        return re.split(r"<[^<>]*>", self.sentence)

    def fits(self, message: str) -> int:
        """Return how much of a message is this sentence's own text, in characters and one more; 0 if it is another's."""
        pattern = ".*?".join(map(re.escape, self.literals))
        return 1 + sum(map(len, self.literals)) if re.search(pattern, message, re.DOTALL) else 0


def sites() -> list[Site]:
    """Return all places, by module and line."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        makers = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        _visit(tree, path.relative_to(PACKAGE).as_posix(), "", makers, found)
    return found


def _visit(node: ast.AST, module: str, function: str, makers: dict[str, ast.FunctionDef], found: list[Site]) -> None:
    for child in ast.iter_child_nodes(node):
        inside = child.name if isinstance(child, ast.FunctionDef) else function
        site = _site(child, module, inside, makers)
        if site:
            found.append(site)
        _visit(child, module, inside, makers, found)


def _site(node: ast.AST, module: str, function: str, makers: dict[str, ast.FunctionDef]) -> Site | None:
    lines = (getattr(node, "lineno", 0), getattr(node, "end_lineno", 0))
    if isinstance(node, ast.Return) and function in REFUSING:
        sentence = _text(node.value.body if isinstance(node.value, ast.IfExp) else node.value)
        return Site(module, function, lines, MACHINE, sentence) if sentence else None
    call = node.exc if isinstance(node, ast.Raise) else node.value if isinstance(node, ast.Expr | ast.Return) else None
    if not isinstance(call, ast.Call) or not call.args:
        return None
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    raises = isinstance(node, ast.Raise | ast.Return) and name in ERRORS
    if not raises and name not in RAISING_METHODS:
        return None
    return Site(module, function, lines, name if raises else "FormatError", _sentence(call.args[-1], makers))


def _sentence(node: ast.AST, makers: dict[str, ast.FunctionDef]) -> str:
    """Return a string expression, also one that a function of the same module makes from its arguments."""
    maker = makers.get(getattr(node.func, "id", "")) if isinstance(node, ast.Call) else None
    if maker is None or not isinstance(maker.body[-1], ast.Return):
        return _text(node) or f"<{_hole(node)}>"
    sentence = _text(maker.body[-1].value)
    for parameter, value in zip(maker.args.args, node.args, strict=False):
        sentence = sentence.replace(f"<{parameter.arg}>", _text(value) or f"<{parameter.arg}>")
    return sentence


def _text(node: ast.AST) -> str:
    """Return a string expression with `<name>` for its holes; empty if it is no string in place."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            _text(part) if isinstance(part, ast.Constant) else f"<{_hole(part.value)}>" for part in node.values
        )
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left), _text(node.right)
        return f"{left or _hole(node.left)}{right or _hole(node.right)}"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return _text(node.left)
    return ""


def _hole(node: ast.AST) -> str:
    """Name what fills a hole: the last name of an expression says most."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    names = [
        item.attr if isinstance(item, ast.Attribute) else item.id
        for item in ast.walk(node)
        if isinstance(item, ast.Attribute | ast.Name)
    ]
    plain = [name for name in names if name not in ("self", "len", "map", "str", "list", "sorted", "join", "args")]
    return (plain or names or ["…"])[0]


def provoked_by(recorded: list[list[str]]) -> dict[str, str]:
    """Return {key: test} of the sites whose sentence a test has seen, from what tests/error_recorder.py noted.

    Of a function's sentences a message is the one with which it shares most text: holes fit everything.
    """
    within: dict[tuple[str, str], list[Site]] = {}
    for site in sites():
        within.setdefault((site.module, site.function), []).append(site)
    found: dict[str, str] = {}
    for module, function, message, test in recorded:
        fits = [(site.fits(message), site) for site in within.get((module, function), ())]
        most = max((fit for fit, _ in fits), default=0)
        for site in (site for fit, site in fits if fit == most > 0):
            found.setdefault(site.key, test)
    return dict(sorted(found.items()))


if __name__ == "__main__":
    if len(sys.argv) > 1:  # what tests/error_recorder.py wrote
        reached = provoked_by(json.loads(Path(sys.argv[1]).read_text()))
        (PROJECT / "tests/errors_provoked.json").write_text(json.dumps(reached, indent=1) + "\n")
    for one in sites():
        sys.stdout.write(f"{one.module}:{one.line[0]}\t{one.kind}\t{one.sentence}\n")
