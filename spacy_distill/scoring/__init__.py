"""Scores, intervals and calibration over arrays: what the probe, the student and the evaluation share."""
