"""The answer store: one SQLite file for every paid answer, its schema, its claims and its upkeep."""
