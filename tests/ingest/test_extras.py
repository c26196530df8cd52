"""What needs a package beyond the base install says which extra brings it."""

import pytest

from ..conftest import run_without

CODE = """
from spacy_distill.ingest import Subset, TextStats, ingest
stats = TextStats()
ingest({source!r}, {out!r}, lang="xx", stats=stats{options})
assert stats.to_json()["languages"] is None
"""


@pytest.mark.parametrize(
    ("name", "content", "options", "message"),
    [
        ("x.txt", "a text of some length\n", "", ""),
        (
            "x.txt",
            "a text of some length\n",
            ', subset=Subset(languages=["en"])',
            'needs py3langid: run pip install "spacy-distill[curate]"',
        ),
        ("x.parquet", "a", "", 'needs pyarrow: run pip install "spacy-distill[parquet]"'),
    ],
)
def test_missing_package_is_named(room, name, content, options, message):
    source = room.write(name, content)
    code = CODE.format(source=str(source), out=str(room.out_path), options=options)
    result = run_without(["curate", "parquet"], code)
    assert result.returncode == bool(message), result.stderr
    assert message in result.stderr
