"""Recorded answers: a model that replays a file and refuses whatever is not in it."""

import sys
from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import srsly

from ..errors import UserError
from ..ty import Answer, Request
from .models import SpacyLLMFace
from .store import prompt_sha256


class ReplayModel(SpacyLLMFace):
    """Answers from a recorded file, matched by prompt and sample number.

    path (Path): A JSONL file, gzipped or not, with `prompt` and `responses` in each row: the
        responses are the samples in order. Read at the first question, not at construction.
    source (str): The name of the recording in the answer store's keys.
    """

    def __init__(self, path: Path, source: str) -> None:
        self.path = path
        self.name = "spacy-distill.Replay.v1"
        self.params: dict[str, Any] = {"source": source}
        self.context_length: int | None = sys.maxsize  # what was recorded fitted its model
        self._responses: dict[str, list[str]] = {}

    def answers(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """Yield the recorded answers.

        RAISES (UserError): For a prompt or a sample number that was not recorded.
        """
        if not self._responses:
            self._responses = {
                prompt_sha256(row["prompt"]): row["responses"] for row in self._read()
            }
        for request in requests:
            responses = self._responses.get(prompt_sha256(request.prompt))
            if responses is None:
                raise UserError(self._explain_miss(request.prompt))
            if request.sample >= len(responses):
                raise UserError(
                    f"{self.path} holds {len(responses)} answers to each prompt, but number "
                    f"{request.sample + 1} was asked for; use --samples {len(responses)} or fewer."
                )
            yield Answer(request, responses[request.sample])

    def _read(self) -> Iterator[dict[str, Any]]:
        if not self.path.is_file():
            raise UserError(f"No recorded answers at {self.path}; check `path` in the model block.")
        read = srsly.read_gzip_jsonl if self.path.suffix == ".gz" else srsly.read_jsonl
        for i, row in enumerate(read(self.path), start=1):
            if not isinstance(row, dict) or not {"prompt", "responses"} <= row.keys():
                raise UserError(f"{self.path}, row {i}: needs `prompt` and `responses`.")
            yield row

    def _explain_miss(self, prompt: str) -> str:
        nearest = max(
            (row["prompt"] for row in self._read()),
            key=lambda recorded: common_suffix(recorded, prompt),
            default="",
        )
        now, then = first_difference(prompt, nearest)
        return (
            f"{self.path} holds no answer to this prompt. Its first line that differs from the "
            f"nearest recorded prompt is\n  now:      {now}\n  recorded: {then}\n"
            f"Use the config that the answers were recorded with, or ask a live model. The prompt:\n"
            f"{prompt}"
        )


def common_suffix(a: str, b: str) -> int:
    """Return how many characters two texts share at their ends."""
    pairs = zip(reversed(a), reversed(b), strict=False)
    return sum(1 for _ in takewhile(same, pairs))


def same(pair: tuple[str, str]) -> bool:
    """Say whether two characters are the same."""
    return pair[0] == pair[1]


def first_difference(a: str, b: str) -> tuple[str, str]:
    """Return the first pair of lines in which two texts differ; empty where one has ended."""
    lines_a, lines_b = a.splitlines(), b.splitlines()
    n = max(len(lines_a), len(lines_b))
    padded_a = lines_a + [""] * (n - len(lines_a))
    padded_b = lines_b + [""] * (n - len(lines_b))
    return next(((x, y) for x, y in zip(padded_a, padded_b, strict=True) if x != y), ("", ""))


def build_replay_v1(path: str, source: str | None = None) -> ReplayModel:
    """Create a model that answers from a recorded file, for `@llm_models`.

    path (str): JSONL, gzipped if it ends in `.gz`, with `prompt` and `responses` per row.
    source (str | None): The recording's name in the answer store; the file's name without its
        endings if None.
    RETURNS (ReplayModel): The model; nothing is read yet.
    """
    file = Path(path)
    return ReplayModel(file, source or file.name.split(".")[0])
