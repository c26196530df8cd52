"""A loopback chat-completions server, cheap enough that it is never what a benchmark measures."""
