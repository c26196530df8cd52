"""Recorded answers: a model that replays a file and refuses whatever is not in it."""

import gzip
import json
import sys
from collections.abc import Iterable, Iterator
from functools import cached_property
from hashlib import sha256
from itertools import count, groupby, takewhile
from operator import itemgetter
from pathlib import Path
from typing import Any

from ..errors import UserError
from ..ty import Answer, Request
from .models import SpacyLLMFace
from .store.answers import SQLITE_HEADER, AnswerStore
from .store.text import text_bytes


class ReplayModel(SpacyLLMFace):
    """Answers from a recording, matched by prompt and sample number.

    path (Path): An answer store, or a JSONL file, gzipped or not, with `prompt` and `responses` in
        each row: the responses are the samples in order. Read at the first question, not before.
    source (str): The name of the recording in the answer store's keys, beside its content's hash.
    """

    name = "spacy-distill.Replay.v1"
    context_length: int | None = sys.maxsize  # what was recorded fitted its model

    def __init__(self, path: Path, source: str) -> None:
        self.path = path
        self.source = source

    @property
    def params(self) -> dict[str, Any]:
        """Name and SHA-256 of the recording: another one of the same name is another teacher."""
        return {"source": self.source, "sha256": self._recording[0]}

    def answers(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """Yield the recorded answers.

        RAISES (UserError): For a prompt or a sample number that was not recorded.
        """
        for request in requests:
            responses = self._recording[1].get(prompt_digest(request.prompt))
            if responses is None:
                raise UserError(self._explain_miss(request.prompt))
            if request.sample >= len(responses):
                raise UserError(
                    f"{self.path} holds {len(responses)} answers to this prompt, but number "
                    f"{request.sample + 1} was asked for; use --samples {len(responses)} or fewer."
                )
            yield Answer(request, responses[request.sample])

    @cached_property
    def _recording(self) -> tuple[str, dict[bytes, tuple[str, ...]]]:
        """The content's SHA-256, and the responses by prompt; equal responses are held once."""
        content = sha256()
        by_prompt: dict[bytes, tuple[str, ...]] = {}
        held: dict[tuple[str, ...], tuple[str, ...]] = {}
        for prompt, responses in self._read():
            content.update(json.dumps([prompt, responses]).encode("ascii"))
            key = tuple(responses)
            by_prompt[prompt_digest(prompt)] = held.setdefault(key, key)
        return content.hexdigest(), by_prompt

    def _read(self) -> Iterator[tuple[str, list[str]]]:
        if not self.path.is_file():
            raise UserError(f"No recorded answers at {self.path}; check `path` in the model block.")
        with self.path.open("rb") as file:
            is_store = file.read(len(SQLITE_HEADER)) == SQLITE_HEADER
        return read_store(self.path) if is_store else read_recording(self.path)

    def _explain_miss(self, prompt: str) -> str:
        nearest = max(
            (prompt for prompt, _ in self._read()),
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


def prompt_digest(prompt: str) -> bytes:
    """Return the SHA-256 of a prompt's UTF-8 bytes as 32 bytes, half of what its digits take."""
    return sha256(text_bytes(prompt)).digest()


def read_recording(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield prompts and their responses from a JSONL file, gzipped if it ends in `.gz`.

    RAISES (UserError): For a row that is none, with its number.
    """
    opened: Any = gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")
    with opened as file:
        for i, line in enumerate(file, start=1):
            try:
                row = json.loads(line)
                yield row["prompt"], [str(response) for response in row["responses"]]
            except (ValueError, TypeError, KeyError) as error:
                raise UserError(
                    f"{path}, row {i}: needs JSON with `prompt` and `responses` ({error!r})."
                ) from error


def read_store(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield prompts and their answers from an answer store, opened read-only.

    RAISES (UserError): If it holds answers of several models or parameters to one prompt.
    """
    with AnswerStore(path, read_only=True) as store:
        for prompt, rows in groupby(store.recorded(), key=itemgetter(0)):
            found = list(rows)
            if len({model for *_, model in found}) > 1:
                raise UserError(
                    f"{path} holds answers of several models to one prompt: "
                    f"{sorted({model for *_, model in found})}. Replay a store of one teacher."
                )
            by_sample = {sample: response for _, sample, response, _ in found}
            in_place = takewhile(by_sample.__contains__, count())  # a gap must move no number
            yield prompt, [by_sample[sample] for sample in in_place]


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
