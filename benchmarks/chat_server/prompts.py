"""What the server's answer to a prompt is and how long it takes: fixed by the prompt's text alone."""

from dataclasses import dataclass
from hashlib import sha256


def digest(prompt: str) -> str:
    """Return the 16 hexadecimal digits by which the server tells a prompt from others."""
    return sha256(prompt.encode("utf8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True)
class Latencies:
    """How long the answers take, in seconds.

    usual (float): Most of them.
    slow_share (float): The share of slow ones, between 0 and 1.
    slow (float): The slow ones.
    seed (int): Decides, with a prompt's digest, whether its answer is slow.
    """

    usual: float = 0.2
    slow_share: float = 0.0
    slow: float = 5.0
    seed: int = 0

    def of(self, digest: str) -> float:
        """Return the latency of the prompt with a digest."""
        if not self.slow_share:
            return self.usual
        draw = int.from_bytes(sha256(f"{self.seed} {digest}".encode()).digest()[:8], "big")
        return self.slow if draw < self.slow_share * 2**64 else self.usual


def content(digest: str, labels: tuple[str, ...]) -> str:
    """Return the answer's text: the digest, or the one of the labels that it decides."""
    return labels[int(digest, 16) % len(labels)] if labels else digest
