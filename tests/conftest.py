"""Where the fixtures come from: every `tests/fixtures_*.py`, each a plugin of its own."""

import gc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = [f"tests.{module.stem}" for module in sorted(Path(__file__).parent.glob("fixtures_*.py"))]
# One plugin may import another before pytest does.
pytest.register_assert_rewrite(*pytest_plugins)

# No example has to be over in a fifth of a second, nor to be drawn fast: how long either takes is the machine's.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_collection_finish() -> None:
    """What was imported and collected stays: the garbage collector need not go through it again and again."""
    gc.collect()
    gc.freeze()
