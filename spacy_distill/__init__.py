"""Distil the LLM in a spaCy pipeline into a small trained component that takes its place."""

from .deploy.swap import assemble, swap

__all__ = ["assemble", "swap"]
__version__ = "0.1.0"
