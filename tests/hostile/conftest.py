"""The table in which hostile inputs are tried."""

import pytest
from attempts import Table


@pytest.fixture
def table(tmp_path, capsys, monkeypatch) -> Table:
    """An empty folder for inputs, one for outputs, and the limits."""
    return Table(tmp_path, capsys, monkeypatch)
