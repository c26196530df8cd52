"""Masking: private strings leave neither the machine nor the process, and come back in the answers."""
