"""Where the fixtures come from: every `tests/fixtures_*.py`, each a plugin of its own."""

from pathlib import Path

import pytest

pytest_plugins = [f"tests.{module.stem}" for module in sorted(Path(__file__).parent.glob("fixtures_*.py"))]
# One plugin may import another before pytest does.
pytest.register_assert_rewrite(*pytest_plugins)
