"""The import map of the design, the sizes and the habits, held by a test."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EDGES = {"ussd_app", "sms_gateway", "console", "workers"}
MAY_IMPORT: dict[str, set[str]] = {
    "telephony": set(),
    "simulator": set(),
    "runtime": {"telephony"},
    "models": {"telephony"},
    "operations": {"models", "telephony"},
    "documents": {"models", "telephony"},
    "menus": {"operations", "models", "telephony"},
    "ussd_app": {"menus", "operations", "documents", "models", "telephony", "runtime"},
    "sms_gateway": {"menus", "operations", "documents", "models", "telephony", "runtime"},
    "console": {"menus", "operations", "documents", "models", "telephony", "runtime"},
    "workers": {"menus", "operations", "documents", "models", "telephony", "runtime", "sms_gateway"},
}
# These two join the edges.
JOINERS = ("ussd_app/factory.py", "ussd_app/cli/")
OUTSIDE: dict[str, set[str]] = {
    "operations": {"flask", "redis", "rq", "africastalking", "requests"},
    "models": {"flask", "redis", "rq", "africastalking", "requests"},
    "menus": {"flask", "rq", "africastalking", "requests"},
    "telephony": {"flask", "redis", "rq", "africastalking", "requests", "sqlalchemy"},
}
FORBIDDEN_NAMES = {"utils", "helpers", "manager", "common", "misc", "service_layer"}
LARGEST_MODULE, LARGEST_FUNCTION = 300, 40


def modules() -> list[Path]:
    """Every Python module of the product."""
    found = [path for package in MAY_IMPORT for path in (ROOT / package).rglob("*.py")]
    return [path for path in found if "migrations/versions" not in path.as_posix()]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[str]:
    """The names that a module imports, also inside its functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", modules(), ids=name)
def test_imports_point_one_way(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    allowed = MAY_IMPORT[package] | {package}
    if name(path).startswith(JOINERS):
        allowed |= EDGES
    ours = {module.split(".")[0] for module in imports(path)} & (set(MAY_IMPORT) | {"tests", "wsgi"})
    assert ours <= allowed, f"{name(path)} imports {sorted(ours - allowed)}"


@pytest.mark.parametrize("path", modules(), ids=name)
def test_the_inside_knows_no_transport(path: Path) -> None:
    forbidden = OUTSIDE.get(path.relative_to(ROOT).parts[0], set())
    used = {module.split(".")[0] for module in imports(path)} & forbidden
    assert not used or (name(path) == "menus/library.py" and used <= {"redis"})


@pytest.mark.parametrize("path", modules(), ids=name)
def test_sizes(path: Path) -> None:
    assert path.read_text().count("\n") <= LARGEST_MODULE
    for function in functions(path):
        lines = (function.end_lineno or 0) - function.lineno + 1
        assert lines <= LARGEST_FUNCTION, f"{function.name} has {lines} lines"


@pytest.mark.parametrize("path", modules(), ids=name)
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), f"{name(path)} has no docstring"
    assert not FORBIDDEN_NAMES & set(path.with_suffix("").parts)


@pytest.mark.parametrize("path", modules(), ids=name)
def test_functions_have_return_types(path: Path) -> None:
    assert not [f.name for f in functions(path) if f.returns is None]


@pytest.mark.parametrize("path", [*(ROOT / "operations").glob("*.py")], ids=name)
def test_operations_never_commit(path: Path) -> None:
    assert not re.search(r"\.commit\(\)|\.rollback\(\)", path.read_text())


CLOCKS = re.compile(r"datetime\.now|utcnow|date\.today|time\.time\(\)")
# Identifiers and bounded waits may use the machine's clock; nothing that decides may.
CLOCK_USERS = {"sms_gateway/bell.py"}


@pytest.mark.parametrize("path", modules(), ids=name)
def test_decisions_use_the_database_clock(path: Path) -> None:
    """F30: a machine whose clock is wrong by ten minutes decides as every other one."""
    if path.relative_to(ROOT).parts[0] in (
        "operations",
        "models",
        "menus",
        "sms_gateway",
        "workers",
        "ussd_app",
    ):
        assert not CLOCKS.search(path.read_text()) or name(path) in CLOCK_USERS


def test_no_machine_path_and_no_registry_in_the_project() -> None:
    """The project is whole by itself: it names no place of the machine it was made on."""
    telling = re.compile(r"(?<![\w.~/-])/(?:wor" + r"k|roo" + r"t|hom" + r"e)/[a-z]")
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        if not path.is_file() or parts[0] in (".git", ".venv", "var") or "__pycache__" in parts:
            continue
        if (
            path.suffix in (".py", ".md", ".yaml", ".toml", ".txt", ".lua", ".html", ".js")
            or path.name == "Makefile"
        ):
            assert not telling.search(path.read_text()), name(path)
