"""Which rows are wanted: by metadata, regular expression, language, date and number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import UserError


@dataclass(frozen=True)
class Subset:
    """The rows that are wanted; by default, all. A row must meet every condition.

    where (Mapping[str, Sequence[str]]): By column, or dotted path into a nested one, the values of
        which one is wanted, as text: "true", "null" and "3" stand for those JSON values.
    match (str | None): A regular expression that is found in the text.
    no_match (str | None): A regular expression that is not found in the text.
    languages (Sequence[str]): ISO 639 codes. A text is left out if another language is far likelier
        (10 to 1), and kept below 10 characters.
    date_column (str | None): The column of a row's date, in ISO format; a time behind it is ignored.
    since (str | None): The first day that is wanted.
    until (str | None): The last day that is wanted.
    limit (int | None): The number of different texts that are wanted, from the start.
    sample (int | None): The number of different texts that are wanted, at random by their content:
        most of the sample stays when rows are added.
    seed (int): Decides which sample it is.
    """

    where: Mapping[str, Sequence[str]] = field(default_factory=dict)
    match: str | None = None
    no_match: str | None = None
    languages: Sequence[str] = ()
    date_column: str | None = None
    since: str | None = None
    until: str | None = None
    limit: int | None = None
    sample: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        bounded = self.since is not None or self.until is not None
        if bounded is not (self.date_column is not None):
            raise UserError(
                f"A date column ({self.date_column}) needs a first or last day and these need a "
                f"date column (since {self.since}, until {self.until}); give both."
            )
        if self.limit is not None and self.sample is not None:
            raise UserError(f"Give a limit ({self.limit}) or a sample ({self.sample}), not both.")
        for number in (self.limit, self.sample):
            if number is not None and number < 1:
                raise UserError(f"A limit or sample of {number} leaves nothing; give at least 1.")
