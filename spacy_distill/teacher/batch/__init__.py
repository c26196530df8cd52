"""Batch endpoints: questions as files, answered within a day at half the price."""
