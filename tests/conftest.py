"""Where the fixtures come from: every `tests/fixtures_*.py`, each a plugin of its own."""

import gc
from pathlib import Path

import pytest

pytest_plugins = [f"tests.{module.stem}" for module in sorted(Path(__file__).parent.glob("fixtures_*.py"))]
# One plugin may import another before pytest does.
pytest.register_assert_rewrite(*pytest_plugins)


def pytest_collection_finish() -> None:
    """What was imported and collected stays: the garbage collector need not go through it again and again."""
    gc.collect()
    gc.freeze()
