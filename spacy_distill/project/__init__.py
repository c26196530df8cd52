"""A weasel project as a whole: made for the user's own data, and cleaned."""

from .clean import clean
from .init import init
from .sources import Sources

__all__ = ["Sources", "clean", "init"]
