"""Rows of Parquet files, a batch at a time."""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from ..errors import UserError
from .files import SourceFile
from .rows import Columns, Problem, Reject, Row

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_SIZE = 500


def read_parquet(file: SourceFile, columns: Columns, max_chars: int) -> Iterator[Row | Reject]:
    """Stream the rows of a Parquet file.

    file (SourceFile): The file.
    columns (Columns): Plain bytes are read as UTF-8; where they are not, it is a reject in one of
        these columns, and only their number is kept in others.
    max_chars (int): Unused; the length of a text is judged later.
    YIELDS (Row | Reject): One per row; a reject if a value of it can't be read.
    RAISES (UserError): If it is no Parquet file, is damaged, or has two columns of one name; or if
        pyarrow is not installed.
    """
    number = 0
    for batch in _read_batches(file):
        for values in _batch_values(batch):
            number += 1
            row = Row(file.name, number, {}, "")
            if isinstance(values, Problem):
                yield row.reject(values)
                continue
            row.values.update({name: _plain(value) for name, value in values.items()})
            problem = _bytes_problem(values, columns)
            yield row if problem is None else row.reject(problem)


def _read_batches(file: SourceFile) -> Iterator["pa.RecordBatch"]:
    try:
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise UserError(
            f'{file.path} needs pyarrow: run pip install "spacy-distill[parquet]".'
        ) from error
    try:
        with ParquetFile(file.path) as parquet:
            names = parquet.schema_arrow.names
            if len(set(names)) < len(names):
                raise UserError(f"{file.path} has two columns of one name; rename one.")
            for batch in parquet.iter_batches(batch_size=BATCH_SIZE):
                yield _in_microseconds(batch)
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"{file.path} is no Parquet file, or damaged: {error}") from error


def _in_microseconds(batch: "pa.RecordBatch") -> "pa.RecordBatch":
    # Python's datetime has no nanoseconds, in which pandas writes every time.
    import pyarrow as pa

    arrays = [
        column.cast(pa.timestamp("us", column.type.tz), safe=False)
        if pa.types.is_timestamp(column.type)
        else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def _batch_values(batch: "pa.RecordBatch") -> Iterator[dict[str, Any] | Problem]:
    try:
        rows = batch.to_pylist()
    except (ValueError, OverflowError):
        rows = [_row_values(batch.slice(index, 1)) for index in range(batch.num_rows)]
    yield from rows


def _row_values(row: "pa.RecordBatch") -> dict[str, Any] | Problem:
    try:
        values: dict[str, Any] = row.to_pylist()[0]
    except UnicodeDecodeError as error:
        return Problem("bad encoding", f"{error}; write the column as UTF-8")
    except (ValueError, OverflowError) as error:
        return Problem("bad value", str(error))
    return values


def _bytes_problem(values: dict[str, Any], columns: Columns) -> Problem | None:
    for name in (columns.text, columns.id, columns.gold):
        value = values.get(name) if name else None
        try:
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, bytes):
                    item.decode("utf8")
        except UnicodeDecodeError as error:
            detail = f"{name!r} is not UTF-8: {error}; write the column as UTF-8"
            return Problem("bad encoding", detail)
    return None


def _decode(value: bytes) -> str:
    try:
        return value.decode("utf8")
    except UnicodeDecodeError:
        return f"<{len(value):,} bytes>"


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return _decode(value) if isinstance(value, bytes) else str(value)
