"""Answers in the bytes of HTTP responses that a process has received but not lived to read."""

import io
import zlib
from collections.abc import Sequence
from http.client import HTTPException, HTTPResponse
from typing import Any

from ...ty import Answer, Request
from .completions import NoCompletion, read_completion

HTTP_OK = 200
GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


class Landed:
    """Stands for the socket that the bytes came from.

    data (bytes): All bytes of a response.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, *args: Any, **kwargs: Any) -> io.BytesIO:
        """Return the bytes as a file."""
        return io.BytesIO(self._data)


def read_landed(data: bytes, requests: Sequence[Request]) -> list[Answer]:
    """Read the answers in the bytes of a response.

    data (bytes): The bytes as they came, headers included.
    requests (Sequence[Request]): What was asked in the call.
    RETURNS (list[Answer]): The answers; none if the response is incomplete, an error, or no completion.
    """
    response = HTTPResponse(Landed(data))  # type: ignore[arg-type]
    try:
        response.begin()
        if response.status != HTTP_OK:
            return []
        body = response.read()
        if response.getheader("Content-Encoding", "identity") in ("gzip", "deflate"):
            body = zlib.decompress(body, GZIP_OR_ZLIB)
        return read_completion(body, requests, 0.0)
    except (HTTPException, OSError, ValueError, zlib.error, NoCompletion):
        return []
