"""Where the fixtures come from: every `tests/fixtures_*.py`, each a plugin of its own."""

from pathlib import Path

pytest_plugins = [f"tests.{module.stem}" for module in sorted(Path(__file__).parent.glob("fixtures_*.py"))]
