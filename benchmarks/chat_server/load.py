"""Load the server with a client that does next to nothing: `python -m benchmarks.chat_server.load`.

What this reaches is the ceiling of whatever else is measured against the server.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from .loops import run

HEAD = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"


class LoadProtocol(asyncio.Protocol):
    """Sends one request after the other on its connection, and counts full answers.

    requests (Iterator[bytes]): What to send, shared by all connections.
    done (asyncio.Future[None]): Set when nothing is left to send and this connection has its answer.
    """

    def __init__(self, requests: Iterator[bytes], done: "asyncio.Future[None]") -> None:
        self._requests = requests
        self._done = done

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._next()

    def data_received(self, data: bytes) -> None:
        """Send the next request; an answer of the server always comes in one piece."""
        if not data.endswith(b"}"):
            raise ValueError(f"half an answer: {data[-40:]!r}")
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is not None:
            self._transport.write(request)
        elif not self._done.done():
            self._done.set_result(None)


def request(prompt: str) -> bytes:
    """Return the bytes of a request."""
    message = {"role": "user", "content": prompt}
    body = json.dumps({"model": "bench", "messages": [message]}).encode()
    return (HEAD % len(body)).encode() + body


async def load(url: str, prompts: list[str], in_flight: int) -> tuple[float, float]:
    """Ask all prompts, so many at a time; return seconds, and seconds of processor time."""
    loop = asyncio.get_running_loop()
    address = urlsplit(url)
    requests = iter([request(prompt) for prompt in prompts])
    dones: list[asyncio.Future[None]] = [loop.create_future() for _ in range(in_flight)]
    start, cpu = time.perf_counter(), time.process_time()
    for done in dones:
        await loop.create_connection(
            lambda done=done: LoadProtocol(requests, done),  # type: ignore[misc]
            address.hostname,
            address.port,
        )
    await asyncio.gather(*dones)
    return time.perf_counter() - start, time.process_time() - cpu


def main() -> None:
    """Read the arguments and load the server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="as the server printed it")
    parser.add_argument("--n", type=int, default=20_000)
    parser.add_argument("--in-flight", type=int, default=1_024)
    args = parser.parse_args()
    prompts = [f"{number} " + "word " * 250 for number in range(args.n)]
    seconds, cpu = run(load(args.url, prompts, args.in_flight))
    print(f"{args.n / seconds:.0f} answers/s, {1e6 * cpu / args.n:.0f} us of processor time each")


if __name__ == "__main__":
    main()
