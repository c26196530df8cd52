"""The swap: the student in the LLM component's place, checked, and packaged as a wheel."""
