"""One connection of the server: just enough HTTP/1.1 for the clients that are measured."""

import asyncio
import json
import os
import socket
from collections.abc import Callable

from .books import Books
from .prompts import Latencies, content, digest

HEAD_END = b"\r\n\r\n"
HEADERS = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
COMPLETION = (
    '{"id":"chatcmpl-%s","object":"chat.completion","created":1,"model":"bench","choices":[{"index":0,'
    '"message":{"role":"assistant","content":"%s"},"logprobs":null,"finish_reason":"stop"}],'
    '"usage":{"prompt_tokens":%d,"completion_tokens":4,"total_tokens":%d}}'
)


class ChatProtocol(asyncio.Protocol):
    """Answers POSTs with a completion after the prompt's latency, and GETs with the books.

    books (Books): Where requests and answers are counted.
    latencies (Latencies): How long the answers take.
    labels (tuple[str, ...]): What is answered; the prompt's digest where empty.
    """

    def __init__(self, books: Books, latencies: Latencies, labels: tuple[str, ...]) -> None:
        self._books = books
        self._latencies = latencies
        self._labels = labels
        self._buffer = b""
        self._last = ""  # the digest of the last answer
        self._call_later: Callable[..., object] = asyncio.get_running_loop().call_later

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._books.connections += 1

    def eof_received(self) -> None:
        """Enter the last answer as unread if it came after the client had closed."""
        if self._transport.get_write_buffer_size() or was_reset(self._transport):
            self._leave_unread()

    def connection_lost(self, exc: Exception | None) -> None:
        """Enter the last answer as unread if the client closed with data left to read."""
        if exc is not None:
            self._leave_unread()

    def _leave_unread(self) -> None:
        if self._last:
            self._books.unread[self._last] += 1
            self._last = ""

    def data_received(self, data: bytes) -> None:
        """Take what has come, and every request that is complete by now."""
        self._buffer = self._buffer + data if self._buffer else data
        while (end := self._buffer.find(HEAD_END)) >= 0:
            head = self._buffer[:end].lower()
            start = end + len(HEAD_END)
            stop = start + content_length(head)
            if len(self._buffer) < stop:
                if b"100-continue" in head and len(self._buffer) == start:
                    self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                return
            body, self._buffer = self._buffer[start:stop], self._buffer[stop:]
            if head.startswith(b"get"):
                self._show(head)
            else:
                self._ask(body)

    def _ask(self, body: bytes) -> None:
        prompt = json.loads(body)["messages"][-1]["content"]
        key = digest(prompt)
        self._books.ask(key)
        n_tokens = len(prompt) // 4
        self._call_later(self._latencies.of(key), self._answer, key, n_tokens)

    def _answer(self, key: str, n_tokens: int) -> None:
        self._books.in_flight -= 1
        if self._transport.is_closing():
            return
        self._books.deliver(key)
        self._last = key
        text = content(key, self._labels)
        self._send(COMPLETION % (key, text, n_tokens, n_tokens + 4))

    def _show(self, head: bytes) -> None:
        self._last = ""
        shown = self._books.by_prompt() if head.startswith(b"get /books") else self._books.totals()
        self._send(json.dumps(shown))

    def _send(self, body: str) -> None:
        self._transport.write((HEADERS % len(body) + body).encode())


def was_reset(transport: asyncio.Transport) -> bool:
    """Say whether the client's kernel has refused something on a connection since it closed."""
    with socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno())) as copy:
        return copy.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0


def content_length(head: bytes) -> int:
    """Return the Content-Length that a request's lower-cased head gives, 0 without one."""
    _, found, rest = head.partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0
