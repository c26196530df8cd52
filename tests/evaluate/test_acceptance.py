from pathlib import Path

import numpy as np
import pytest

from spacy_distill.errors import UserError
from spacy_distill.evaluate.acceptance import (
    NO_CRITERIA,
    Criteria,
    check_quality,
    check_speed,
    read_criteria,
)

from .conftest import LABELS, SPEED, mark

SHIPPED = Path(__file__).parents[2] / "configs" / "acceptance.cfg"


@pytest.fixture
def write(tmp_path):
    def write_config(text):
        path = tmp_path / "acceptance.cfg"
        path.write_text(text, encoding="utf8")
        return path

    return write_config


def check(criteria, docs):
    rows = np.ones(len(docs.gold), dtype=bool)
    return check_quality(criteria, docs, labels=LABELS, rows=rows)


def test_acceptance_block_is_read(write):
    path = write(
        "[acceptance]\nmin_accuracy = 0.9\nmax_latency_ms = 20\n"
        "[acceptance.min_recall]\nbug = 0.95\n"
    )
    expected = Criteria(min_accuracy=0.9, max_latency_ms=20, min_recall={"bug": 0.95})
    assert read_criteria(path, LABELS) == expected


@pytest.mark.parametrize("text", ["", "[acceptance]\n", "[other]\nx = 1\n"])
def test_acceptance_block_may_be_empty(write, text):
    assert read_criteria(write(text), LABELS) == NO_CRITERIA


def test_acceptance_shipped_config_sets_nothing():
    assert read_criteria(SHIPPED, LABELS) == NO_CRITERIA


def test_acceptance_shipped_config_explains_every_key(write):
    uncommented = (
        SHIPPED.read_text(encoding="utf8").replace("# min_", "min_").replace("# max_", "max_")
    )
    path = write(uncommented.replace("# refund_or_return", "bug"))
    found = read_criteria(path, LABELS)
    assert all(getattr(found, key) for key in found.__dataclass_fields__)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[acceptance]\nmin_acuracy = 0.9",
            r"Unknown key 'min_acuracy'.*valid are min_accuracy, min_m",
        ),
        (
            "[acceptance]\n[acceptance.min_recall]\nspam = 0.9",
            r"Unknown label 'spam'.*billing, praise, bug",
        ),
        ("[acceptance]\nmin_recall = 0.9", r"\[acceptance.min_recall\]"),
        ("[acceptance]\nmin_accuracy = 90", r"min_accuracy .* number from 0 to 1, found 90"),
        ("[acceptance]\nmin_accuracy = true", r"found True"),
        ('[acceptance]\nmax_size_mb = "small"', r"max_size_mb .* of at least 0, found 'small'"),
        ("[acceptance]\nmax_size_mb = -1", r"found -1"),
        ("[acceptance]\n[acceptance.min_recall]\nbug = 2", r"min_recall .* from 0 to 1, found 2"),
        ("acceptance", r"not a valid config"),
    ],
)
def test_acceptance_mistakes_are_explained(write, text, message):
    with pytest.raises(UserError, match=message):
        read_criteria(write(text), LABELS)


def test_acceptance_missing_file_is_an_error(tmp_path):
    with pytest.raises(UserError, match="No acceptance config"):
        read_criteria(tmp_path / "no.cfg", LABELS)


def test_acceptance_quality_is_met_or_missed_with_its_value():
    docs = mark([0, 0, 1, 2], [0] * 4, [0, 1, 1, 2])
    checks = check(Criteria(min_accuracy=0.75, min_recall={"praise": 0.6}), docs)
    assert [(x.criterion, x.value, x.met) for x in checks] == [
        ("min_accuracy", 0.75, True),
        ("min_recall of praise", 0.5, False),
    ]
    assert str(checks[0]) == "min_accuracy 0.75: met (0.75)."
    assert str(checks[1]) == "min_recall of praise 0.6: missed (0.5)."


def test_acceptance_macro_f1_is_checked():
    docs = mark([0, 1, 2], [0] * 3, [0, 1, 2])
    assert [x.met for x in check(Criteria(min_macro_f1=1.0), docs)] == [True]


def test_acceptance_recall_of_a_label_without_gold_is_missed():
    (found,) = check(Criteria(min_recall={"bug": 0.1}), mark([0], [0], [0]))
    assert (found.value, found.met) == (None, False)
    assert "no gold Doc" in str(found)


def test_acceptance_quality_of_some_docs():
    docs = mark([0, 1], [0, 0], [0, 0])
    (found,) = check_quality(
        Criteria(min_accuracy=1.0), docs, labels=LABELS, rows=np.asarray([True, False])
    )
    assert found.met


@pytest.mark.parametrize(
    ("criteria", "met"),
    [
        (Criteria(max_latency_ms=2.0), True),
        (Criteria(max_latency_ms=1.9), False),
        (Criteria(max_size_mb=5.0), True),
        (Criteria(max_size_mb=4.0), False),
        (Criteria(min_docs_per_s=1000), True),
        (Criteria(min_docs_per_s=1001), False),
    ],
)
def test_acceptance_speed_is_met_or_missed(criteria, met):
    assert [x.met for x in check_speed(criteria, SPEED)] == [met]


def test_acceptance_checks_nothing_that_is_not_set():
    assert check_speed(NO_CRITERIA, SPEED) == ()
    assert check(NO_CRITERIA, mark([0], [0], [0])) == ()
