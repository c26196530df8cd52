"""The room for `@llm_tasks` that spacy-llm lacks; each task is a folder of its own."""
