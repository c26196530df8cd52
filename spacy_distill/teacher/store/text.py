"""Text in SQLite: lone surrogates, which UTF-8 cannot hold, are kept as bytes instead of refused."""

from typing import overload


def text_bytes(text: str) -> bytes:
    """Return the UTF-8 bytes of any text, one with lone surrogates included."""
    return text.encode("utf8", "surrogatepass")


@overload
def to_cell(text: str) -> str | bytes: ...
@overload
def to_cell(text: None) -> None: ...
def to_cell(text: str | None) -> str | bytes | None:
    """Return a text as SQLite takes it.

    text (str | None): Any text.
    RETURNS (str | bytes | None): The text itself, or its bytes if it has lone surrogates.
    """
    if text is None or text.isascii():
        return text
    try:
        text.encode("utf8")
    except UnicodeEncodeError:
        return text_bytes(text)
    return text


@overload
def from_cell(cell: str | bytes) -> str: ...
@overload
def from_cell(cell: None) -> None: ...
def from_cell(cell: str | bytes | None) -> str | None:
    """Return the text that `to_cell` has made a cell of."""
    return cell.decode("utf8", "surrogatepass") if isinstance(cell, bytes) else cell
