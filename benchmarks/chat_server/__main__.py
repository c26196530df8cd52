"""Serve chat completions: `python -m benchmarks.chat_server --port 8123 --latency .2`.

Prints the base URL once it listens. GET /stats gives totals, GET /books the counts of each prompt.
"""

import argparse
import asyncio
import gc
from collections.abc import Callable
from functools import partial

from .books import Books
from .loops import run
from .prompts import Latencies
from .protocol import ChatProtocol


async def serve(port: int, make: Callable[[], ChatProtocol]) -> None:
    """Listen on a loopback port until the process is ended; 0 for any free port."""
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", port, backlog=4096)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.2, help="seconds")
    parser.add_argument("--slow-share", type=float, default=0.0, help="share of slow answers")
    parser.add_argument("--slow", type=float, default=5.0, help="seconds that these take")
    parser.add_argument("--seed", type=int, default=0, help="decides which prompts are slow")
    parser.add_argument("--labels", nargs="*", default=[], help="answers; digests without")
    args = parser.parse_args()
    latencies = Latencies(args.latency, args.slow_share, args.slow, args.seed)
    gc.disable()
    run(serve(args.port, partial(ChatProtocol, Books(), latencies, tuple(args.labels))))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
