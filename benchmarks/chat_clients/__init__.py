"""The clients that `teacher_client.py` compares, each run in a process of its own."""
