"""Evaluate a student against its teacher on gold: scores, calibration, speed and a verdict."""

from .evaluation import evaluate

__all__ = ["evaluate"]
