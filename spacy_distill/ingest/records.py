"""Records of CSV files: lines cut into cells, with every line of a broken record judged again."""

import csv
from collections import deque
from collections.abc import Iterator
from typing import TextIO

from .lines import cut_lines, line_limit, too_long
from .rows import NUL_MARK, Problem, Reason, Reject, Row

CELL_FACTOR = 10  # a cell may be longer than a text may, so that it is the text that is rejected


class RecordLines:
    """Gives lines to `csv.reader`, and gives those of a broken record again but for its first.

    n_given (int): Lines given, less those to be given again: the number of the last one.
    record (list[str]): The lines of the record that is being read.
    """

    def __init__(self, stream: TextIO, limit: int) -> None:
        self.lines = cut_lines(stream, limit)
        self.limit = limit
        self.again: deque[str] = deque()
        self.record: list[str] = []
        self.n_given = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.again.popleft() if self.again else next(self.lines)
        self.record.append(line)
        self.n_given += 1
        if len(line) > self.limit:
            raise csv.Error(too_long(self.limit).detail)
        return line.replace("\0", NUL_MARK)

    def retry(self) -> None:
        """Give the lines after the record's first one again."""
        self.again.extendleft(reversed(self.record[1:]))
        self.n_given -= len(self.record) - 1
        del self.record[1:]


def read_records(
    stream: TextIO, name: str, delimiter: str, max_chars: int
) -> Iterator[Row | Reject]:
    """Cut a file into records.

    stream (TextIO): The file, opened with its line ends left as they are.
    name (str): The file's name.
    delimiter (str): What stands between two cells.
    max_chars (int): The length that a text may have.
    YIELDS (Row | Reject): Rows whose values are `{"cells": [...]}`; a reject for a line with a
        stray or open quotation mark, or too long. The lines that such a quotation mark would have
        taken in stand for themselves.
    """
    csv.field_size_limit(max(csv.field_size_limit(), CELL_FACTOR * max_chars))
    lines = RecordLines(stream, line_limit(max_chars))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.record.clear()
        line = lines.n_given + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            lines.retry()
            reason: Reason = "over length" if "limit" in str(error) else "not CSV"
            yield Row(name, line, {}, lines.record[0]).reject(Problem(reason, str(error)))
            continue
        if cells:
            yield Row(name, line, {"cells": cells}, "".join(lines.record))
