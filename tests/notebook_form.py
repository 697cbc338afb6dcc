"""What a cell of an open notebook may look like: short, straight, and without a figure typed into its prose.

A notebook reads from top to bottom and can be rerun a cell at a time. So a cell holds no function, class or `try`; it has
at most 24 lines of code, not counting the text of what it says; a name means one thing in the whole notebook, but for the
few that every chart binds anew; and every number in a sentence comes from a variable.
"""

import ast
import re
from collections.abc import Iterator

MOST_LINES = 24
BOUND_ANEW = {"fig", "ax", "title", "unit", "caption", "shown"}
SPEAKING = {"say", "limits", "finding"}
NO_FIGURE = re.compile(  # digits that are names or dates
    r"\d{4}-\d\d-\d\d|S&P 500|NASDAQ-100|\b(1[89]|20)\d\d\b|\b\d{1,2} (January|February|March|April|May|June|July|August|September|October|November|December)\b"
)


def form_problems(cells: list[tuple[str, str, str]]) -> list[str]:
    """List what a notebook's cells, as (kind, id, source), do that an open notebook does not."""
    problems, section, bound = [], "", {}
    for kind, name, source in cells:
        if kind == "markdown" and re.search(r"^##? ", source, re.M):
            section = name
        if kind != "code":
            continue
        tree = ast.parse(source)
        problems += [f"{name}: {what}" for what in (*blocks(tree), *typed(tree), *length(tree, source))]
        for one in names(tree) - BOUND_ANEW:
            if bound.setdefault(one, section) != section:
                problems.append(f"{name}: {one!r} is bound anew, it belongs to the section {bound[one]!r}")
    return problems


def blocks(tree: ast.Module) -> Iterator[str]:
    """Find what is no straight line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Try):
            yield f"{type(node).__name__} in line {node.lineno}"


def length(tree: ast.Module, source: str) -> Iterator[str]:
    """Count lines that hold more than text, comment, brackets or import."""
    unread = [node for node in ast.walk(tree) if is_text(node) or isinstance(node, ast.Import | ast.ImportFrom)]
    count = sum(bool(re.search(rb"\w", line.split(b"#")[0])) for line in without(unread, source))
    if count > MOST_LINES:
        yield f"{count} lines of code, {MOST_LINES} are allowed"


def code_lines(source: str) -> int:
    """Count the lines of a cell, but for empty ones and those of nothing but text."""
    lines = source.encode().splitlines()
    left = without([node for node in ast.walk(ast.parse(source)) if is_text(node)], source)
    return sum(
        bool(line.strip()) and (line == bytes(rest) or bool(re.search(rb"\w", rest)))
        for line, rest in zip(lines, left, strict=True)
    )


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def without(nodes: list[ast.AST], source: str) -> list[bytearray]:
    """Blank out parts of a source."""
    lines = [bytearray(line.encode()) for line in source.splitlines()]
    for node in nodes:
        for place in range(node.lineno - 1, min(node.end_lineno, len(lines))):
            start = node.col_offset if place == node.lineno - 1 else 0
            end = node.end_col_offset if place == node.end_lineno - 1 else len(lines[place])
            lines[place][start:end] = b" " * (end - start)
    return lines


def names(tree: ast.Module) -> set[str]:
    """Find the names that a cell binds, but for those inside a comprehension or a lambda."""
    inside = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.Lambda)
        for part in ast.walk(node)
        if not isinstance(part, ast.NamedExpr)
    }
    return {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in inside
    }


def typed(tree: ast.Module) -> Iterator[str]:
    """Find figures typed into what a cell says."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in SPEAKING:
            skipped = {
                id(part)
                for node in ast.walk(call)
                if isinstance(node, ast.FormattedValue)
                for part in format_parts(node)
            }
            pointer = {id(call.args[0])} if call.func.attr == "finding" and call.args else set()
            for node in ast.walk(call):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped | pointer:
                    left = NO_FIGURE.sub("", node.value)
                    if found := re.search(r"[^\s]*\d[^\s]*", left):
                        yield f"{found[0]!r} is typed into the text of {call.func.attr}"


def format_parts(node: ast.FormattedValue) -> Iterator[ast.AST]:
    """Walk the format of a figure and the keys it is looked up by, which are no prose."""
    if node.format_spec:
        yield from ast.walk(node.format_spec)
    for part in ast.walk(node.value):
        if isinstance(part, ast.Subscript):
            yield from ast.walk(part.slice)
