from collections import Counter
from dataclasses import dataclass, field

from spacy_distill.plain import as_plain


@dataclass
class Inner:
    seconds: float = 0.5


@dataclass
class Report:
    name: str = "a"
    counts: Counter[str] = field(default_factory=lambda: Counter({"ok": 3}))
    by_corpus: dict[str, Counter[str]] = field(default_factory=lambda: {"x": Counter(bad=2)})
    inner: tuple[Inner, ...] = (Inner(),)


def test_report_keeps_its_counts_at_any_depth():
    assert as_plain(Report()) == {
        "name": "a",
        "counts": {"ok": 3},
        "by_corpus": {"x": {"bad": 2}},
        "inner": [{"seconds": 0.5}],
    }
