"""The import map of the design, the sizes and the habits, held by a test."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

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


def modules(*packages: str) -> list[Path]:
    """Every Python module of the product, or of these packages of it."""
    found = [path for package in packages or MAY_IMPORT for path in (ROOT / package).rglob("*.py")]
    return [path for path in found if "migrations/versions" not in path.as_posix()]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def package(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports(path: Path) -> Iterator[str]:
    """The names that a module imports, also inside its functions."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def roots(path: Path) -> set[str]:
    """The packages that a module imports from."""
    return {module.split(".")[0] for module in imports(path)}


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def every(path: Path) -> set[str]:
    """What of ours a module may import."""
    joins = EDGES if name(path).startswith(JOINERS) else set()
    return MAY_IMPORT[package(path)] | {package(path)} | joins


def test_the_rules_see_the_whole_product() -> None:
    assert {package(path) for path in modules()} >= set(MAY_IMPORT) - {"console"}
    assert len(modules()) > 200 and len({name for path in modules() for name in imports(path)}) > 100


def test_imports_point_one_way() -> None:
    ours = set(MAY_IMPORT) | {"tests", "wsgi"}
    assert not {name(path): wrong for path in modules() if (wrong := roots(path) & ours - every(path))}


def test_the_inside_knows_no_transport() -> None:
    inside = modules(*OUTSIDE)
    assert not {name(path): used for path in inside if (used := roots(path) & OUTSIDE[package(path)])}


def test_modules_are_of_a_size_to_read() -> None:
    lines = {name(path): path.read_text().count("\n") for path in modules()}
    assert not {path: count for path, count in lines.items() if count > LARGEST_MODULE}


def test_functions_are_of_a_size_to_read() -> None:
    lines = {
        (name(path), function.name): (function.end_lineno or 0) - function.lineno + 1
        for path in modules()
        for function in functions(path)
    }
    assert not {function: count for function, count in lines.items() if count > LARGEST_FUNCTION}


def test_every_module_says_what_it_is() -> None:
    assert not [name(path) for path in modules() if not ast.get_docstring(parsed(path))]
    assert not [name(path) for path in modules() if FORBIDDEN_NAMES & set(path.with_suffix("").parts)]


def test_functions_have_return_types() -> None:
    assert not [(name(path), f.name) for path in modules() for f in functions(path) if f.returns is None]


def test_operations_never_commit() -> None:
    ends = re.compile(r"\.commit\(\)|\.rollback\(\)")
    assert not [name(path) for path in modules("operations") if ends.search(path.read_text())]


def test_decisions_use_the_database_clock() -> None:
    """F30: a machine whose clock is wrong by ten minutes decides as every other one."""
    clocks = re.compile(r"datetime\.now|utcnow|date\.today|time\.time\(\)")
    deciding = modules("operations", "models", "menus", "sms_gateway", "workers", "ussd_app")
    assert not [name(path) for path in deciding if clocks.search(path.read_text())]


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
