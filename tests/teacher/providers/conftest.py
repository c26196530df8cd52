import pytest

from .vendors import KEY, VENDORS


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    """Hold a key for every vendor."""
    for vendor in VENDORS.values():
        monkeypatch.setenv(vendor["key_variable"], KEY)
