"""Which answers of a store are meant: by model, tags, status, time, and what stands in them."""

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timezone
from functools import cached_property

from ...errors import UserError
from .text import from_cell

Cell = str | bytes | None
# Every statement that works on a selection has this condition
CHOSEN = "is_chosen(key, prompt_sha256, model, status, created, tags, text, response)"


@dataclass(frozen=True)
class Selection:
    """A choice among the answers of a store; everything that is given must hold.

    model (str | None): The model's name.
    tags (Mapping[str, str]): Tags that they were added with.
    status (str | None): "answered", "refused", "truncated" or "failed".
    since (datetime | None): Added at this time or later; in UTC if it has no time zone.
    until (datetime | None): Added before this time.
    pattern (str | None): A regular expression, found in the prompt or in the answer.
    ids (Sequence[str]): How their key or the SHA-256 of their prompt begins; one of these.
    about (Sequence[str]): Texts that the prompt contains, or whole SHA-256 sums of prompts; one of
        these. White space around a text does not count.
    RAISES (UserError): If the pattern is none, or if an id or a text is empty.
    """

    model: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    status: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    pattern: str | None = None
    ids: Sequence[str] = ()
    about: Sequence[str] = ()

    def __post_init__(self) -> None:
        if not all(text.strip() for text in (*self.ids, *self.about)):
            raise UserError("An empty id or text would mean every answer; give one with content.")
        self._regex  # noqa: B018  (a pattern that is none is said at once)

    @property
    def is_everything(self) -> bool:
        """Whether no condition was given."""
        return all(getattr(self, one.name) in (None, {}, (), []) for one in fields(self))

    def attach(self, connection: sqlite3.Connection) -> None:
        """Let a connection's statements use `CHOSEN`."""
        connection.create_function("is_chosen", 8, self._is_chosen)

    def _is_chosen(
        self,
        key: str,
        prompt_sha256: str,
        model: Cell,
        status: str,
        created: str,
        tags: str,
        prompt: Cell,
        response: Cell,
    ) -> bool:
        return (
            self.model in (None, from_cell(model))
            and self.status in (None, status)
            and self._is_in_time(created)
            and (not self.tags or self.tags.items() <= json.loads(tags).items())
            and (not self.ids or key.startswith(self._ids) or prompt_sha256.startswith(self._ids))
            and self._is_about(prompt_sha256, from_cell(prompt) or "")
            and self._matches(from_cell(prompt) or "", from_cell(response) or "")
        )

    def _is_in_time(self, created: str) -> bool:
        since, until = self._period
        return (since is None or created >= since) and (until is None or created < until)

    def _is_about(self, prompt_sha256: str, prompt: str) -> bool:
        return not self.about or any(
            text in prompt or text == prompt_sha256 for text in self._texts
        )

    def _matches(self, *texts: str) -> bool:
        return self._regex is None or any(map(self._regex.search, texts))

    @cached_property
    def _ids(self) -> tuple[str, ...]:
        return tuple(one.strip().lower() for one in self.ids)

    @cached_property
    def _texts(self) -> tuple[str, ...]:
        return tuple(text.strip() for text in self.about)

    @cached_property
    def _period(self) -> tuple[str | None, str | None]:
        return stamp(self.since), stamp(self.until)

    @cached_property
    def _regex(self) -> re.Pattern[str] | None:
        try:
            return re.compile(self.pattern) if self.pattern is not None else None
        except re.error as error:
            raise UserError(
                f"{self.pattern!r} is no regular expression ({error}); mend it, or put a "
                f"backslash before its special characters."
            ) from error


def stamp(moment: datetime | None) -> str | None:
    """Return a time as it stands in the store, so that both can be compared as text."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds")
