"""For all tests: what is imported from where, and what this machine cannot run."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# Helpers (`tests.netns`, `tests.oracle`, `tests.steps`) are imported from the checkout, the
# product from where it is installed: the checkout comes last, for it has no native module.
sys.path.append(str(Path(__file__).resolve().parents[1]))

# A busy machine is no failure; the seed in the report is.
settings.register_profile("default", deadline=None, print_blob=True)
settings.load_profile("default")

NEEDS_ROOT = pytest.mark.skip(reason="makes network namespaces: needs root (sudo script/test)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.geteuid() == 0:
        return
    for item in items:
        if item.get_closest_marker("netns"):
            item.add_marker(NEEDS_ROOT)
