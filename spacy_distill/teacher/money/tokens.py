"""Count the tokens of a prompt with the model's own tokenizer, from a file; nothing is downloaded."""

from collections.abc import Callable
from pathlib import Path

from ...errors import UserError

TOKENIZER_FILE = "tokenizer.json"
Measure = Callable[[str], int]


def load_tokenizer(path: Path | str) -> Measure:
    """Read a Hugging Face tokenizer, and count tokens with it.

    path (Path | str): A `tokenizer.json`, or the folder of a model that holds one.
    RETURNS (Measure): Returns the number of tokens of a text, without the special tokens that an
        endpoint adds to each message, and however long the text is.
    RAISES (UserError): If there is no such file, or it is no tokenizer.
    """
    from tokenizers import Tokenizer

    path = Path(path)
    file = path / TOKENIZER_FILE if path.is_dir() else path
    if not file.is_file():
        raise UserError(f"No tokenizer at {file}; give a {TOKENIZER_FILE} or the folder with it.")
    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # the library raises bare ones
        raise UserError(f"{file} is not a Hugging Face tokenizer: {error}") from error
    tokenizer.no_truncation()  # or a long prompt would count as a model's longest input
    tokenizer.no_padding()

    def count(text: str) -> int:
        return len(tokenizer.encode(text, add_special_tokens=False))

    return count
