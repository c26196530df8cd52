"""Asking the LLM: the answer store, the models around it, the audit of answers, and votes."""
