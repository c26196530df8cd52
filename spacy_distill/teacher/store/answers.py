"""The answer store: one SQLite file in which every paid answer is kept before it is used."""

import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from ...errors import UserError
from ...ty import Answer, Request
from .claims import Claimed, Claims, shared_out
from .keys import AnswerKeys
from .opening import SQLITE_HEADER, open_store
from .receipt_lines import read_receipts
from .receipts import (
    Receipts,
    any_left,
    receipt_paths,
    receipts_of_others,
    remove_receipts,
)
from .rows import Place, answered, insert, recorded, select
from .totals import ModelTotals, model_totals
from .transaction import explained, writing

__all__ = ["SQLITE_HEADER", "AnswerStore"]


class AnswerStore:
    """Keeps answers by prompt, model, parameters and sample number in one SQLite file.

    path (Path | str): The file; made, with its folders, unless `read_only`.
    read_only (bool): Open an existing store without ever writing to it.
    tags (Mapping[str, str] | None): Free-form tags that go with every answer added, such as a run's name.
    RAISES (UserError): If the file is no answer store, comes from a later version, or cannot be opened.

    An answer is on the disk before `add` and `add_all` return: neither a killed process nor a power
    cut loses it. Other processes and threads may use the store meanwhile.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        read_only: bool = False,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        self.path = Path(path)
        self.read_only = read_only
        self._tags = json.dumps(dict(tags or {}), sort_keys=True)
        self._lock = threading.RLock()  # the garbage collector can end a flow while we hold it
        self._connection = open_store(self.path, read_only=read_only)
        self._claims = Claims(self._connection)
        if not read_only and receipt_paths(self.path):
            self.recover()

    def __enter__(self) -> "AnswerStore":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __len__(self) -> int:
        """Return the number of answers; failed requests are not answers."""
        query = "SELECT count(*) FROM answers WHERE status != 'failed'"
        with explained(self.path), self._lock:
            return int(self._connection.execute(query).fetchone()[0])

    def close(self) -> None:
        """Give back all claims and close the file."""
        if self._claims.active:
            with suppress(UserError), self._writing("NORMAL"):  # they end with us in any case
                self._claims.leave()
        self._connection.close()

    def get(self, request: Request, model: str, params: Mapping[str, Any]) -> Answer | None:
        """Return what is known of a request.

        request (Request): The prompt and sample number.
        model (str): The model's name.
        params (Mapping[str, Any]): Its parameters.
        RETURNS (Answer | None): The answer or the failure; None if it was never asked.
        """
        return self.get_all([request], model, params)[0]

    def get_all(
        self, requests: Sequence[Request], model: str, params: Mapping[str, Any]
    ) -> list[Answer | None]:
        """Return what is known of requests.

        requests (Sequence[Request]): The prompts and sample numbers.
        model (str): The model's name.
        params (Mapping[str, Any]): Its parameters.
        RETURNS (list[Answer | None]): The answer or the failure for each request, in order; None for
            one that was never asked.
        """
        places = self._places(requests, model, params)
        with explained(self.path), self._lock:
            known = select(self._connection, dict(zip(places, requests, strict=True)))
        return [known.get(place) for place in places]

    def totals(self, tags: Mapping[str, str] | None = None) -> list[ModelTotals]:
        """Count answers and tokens by model.

        tags (Mapping[str, str] | None): Count only what was added with these tags; None counts all.
        RETURNS (list[ModelTotals]): By the model's name.
        """
        with explained(self.path), self._lock:
            return model_totals(self._connection, tags or {})

    @property
    def n_bytes(self) -> int:
        """The size of the file, what is not yet moved into it from its journal included."""
        files = (self.path, self.path.with_name(f"{self.path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def recorded(self) -> Iterator[tuple[str, int, str, str]]:
        """Yield prompt, sample number, response and the model's name and parameters of each answer."""
        with explained(self.path), closing(open_store(self.path, read_only=True)) as connection:
            yield from recorded(connection)

    def add(self, answer: Answer, model: str, params: Mapping[str, Any]) -> None:
        """Store one answer before returning; what is answered once is never replaced.

        answer (Answer): The answer or failure.
        model (str): The model's name.
        params (Mapping[str, Any]): Its parameters.
        RAISES (UserError): If the store cannot be written, such as on a full disk.
        """
        self.add_all([answer], model, params)

    def add_all(self, answers: Sequence[Answer], model: str, params: Mapping[str, Any]) -> None:
        """Store answers in one transaction before returning, and end the claims on them.

        answers (Sequence[Answer]): The answers and failures.
        model (str): The model's name.
        params (Mapping[str, Any]): Its parameters.
        RAISES (UserError): If the store cannot be written; then none of them is stored.
        """
        if answers:
            with self._writing("FULL"):
                places = insert(self._connection, answers, model, params, tags=self._tags)
                self._claims.settle(places)

    def claim(self, requests: Sequence[Request], model: str, params: Mapping[str, Any]) -> Claimed:
        """Look requests up, and take those on that nobody has answered or is asking.

        requests (Sequence[Request]): The requests. Of one that stands there twice, the second is
            "elsewhere".
        model (str): The model's name.
        params (Mapping[str, Any]): Its parameters.
        RETURNS (Claimed): The known answers, the requests to ask now, those to claim again later,
            and those in open batch jobs, each in the order of the requests. Whoever claims must add
            or release, and `beat`.
        RAISES (UserError): If the store cannot be written.
        """
        places = self._places(requests, model, params)
        wanted = dict(zip(places, requests, strict=True))
        with explained(self.path), self._lock:
            known = answered(self._connection, wanted)
        unknown = {place: wanted[place] for place in wanted if place not in known}
        mine: set[Place] = set()
        batched: set[Place] = set()
        failed: set[Request] = set()
        if unknown:
            with self._writing("NORMAL"):
                paths = self._inherit()
                found = select(self._connection, unknown)
                known |= {place: x for place, x in found.items() if x.status != "failed"}
                batched = self._claims.batched(unknown.keys() - known.keys())
                mine = self._claims.take(unknown.keys() - known.keys() - batched)
                failed = {unknown[place] for place in found if place in mine}
            if paths:
                with self._writing("FULL"):  # waits until the disk has the commit before as well
                    self._claims.beat()
                remove_receipts(paths)
        return shared_out(places, wanted, known, mine, failed, batched)

    def recover(self) -> None:
        """Store the answers that were written down, but not committed, by processes that are dead."""
        with self._writing("FULL"):
            paths = self._inherit(orphans=True)
        remove_receipts(paths)

    def receipts(self, model: str, params: Mapping[str, Any]) -> Receipts:
        """Return a place to write answers down until they are added.

        What this process could not add before is added first.

        model (str): The model's name.
        params (Mapping[str, Any]): Its parameters.
        """
        if any_left(self.path):
            self.recover()
        return Receipts(self.path, self._claims.id, model=model, params=params, tags=self._tags)

    def release(self, requests: Sequence[Request], model: str, params: Mapping[str, Any]) -> None:
        """Give back claims on requests that will not be asked now.

        requests (Sequence[Request]): The requests; those that are not claimed by us are left alone.
        model (str): The model's name.
        params (Mapping[str, Any]): Its parameters.
        """
        if requests and self._claims.active:
            with self._writing("NORMAL"):
                self._claims.release(self._places(requests, model, params))

    def beat(self) -> None:
        """Say that we are alive, if it is time to; call it every few seconds while claims are held."""
        if self._claims.due:
            with self._writing("NORMAL"):
                pass

    @contextmanager
    def _writing(self, synchronous: Literal["FULL", "NORMAL"]) -> Iterator[None]:
        if self.read_only:
            raise UserError(f"Answer store {self.path} was opened to read only; open it to write.")
        with (
            explained(self.path),
            self._lock,
            writing(self._connection, synchronous=synchronous),
        ):
            if self._claims.due:
                self._claims.beat()
            yield

    def _inherit(self, *, orphans: bool = False) -> list[Path]:
        """Bury the dead and store what they had written down; return the files to remove then."""
        if not self._claims.bury_the_dead() and not orphans:
            return []
        paths = receipts_of_others(self.path, self._claims.living())
        for noted in filter(None, map(read_receipts, paths)):
            insert(self._connection, noted.answers, noted.model, noted.params, tags=noted.tags)
        return paths

    def _places(
        self, requests: Iterable[Request], model: str, params: Mapping[str, Any]
    ) -> list[Place]:
        keys = AnswerKeys(model, params)
        return [(keys.key(request.prompt), request.sample) for request in requests]
