import json

import pytest

from spacy_distill.evaluate.cascade import CurvePoint
from spacy_distill.evaluate.report import render_markdown
from spacy_distill.evaluate.run import hash_corpus, package_versions
from spacy_distill.evaluate.sentences import sentences
from spacy_distill.evaluate.tables import all_tables, confusion_table, systems_table, thin

from .conftest import LABELS, make_report, mark

LONG = [f"a label with a very long name, number {i}" for i in range(40)]


def line_width(table):
    widths = [max(map(len, column)) for column in zip(table.header, *table.rows, strict=True)]
    return sum(widths) + 2 * (len(widths) - 1)


@pytest.mark.parametrize("n_labels", [2, 3, 12, 13, 40])
def test_tables_fit_110_columns(n_labels):
    gold = [i % n_labels for i in range(80)]
    said = [None if i % 7 == 0 else (x + i % 2) % n_labels for i, x in enumerate(gold)]
    docs = mark(gold, said, gold, sure=[0.9] * 80, n_labels=n_labels)
    report = make_report(docs, LONG[:n_labels], meta=[{"a field": LONG[i % 3]} for i in range(80)])
    assert all(line_width(table) <= 110 for table in all_tables(report))


def test_tables_confusion_matrix_has_a_column_for_absent_answers():
    report = make_report(mark([0, 1, 2], [0, None, 1], [0, 1, 2]), LABELS)
    table = confusion_table(report, "teacher")
    assert table.header == ("Gold \\ decided", "1", "2", "3", "(none)")
    assert table.rows == (
        ("1 billing", "1", "0", "0", "0"),
        ("2 praise", "0", "0", "0", "1"),
        ("3 bug", "0", "1", "0", "0"),
    )
    assert "(none)" not in confusion_table(report, "student").header


def test_tables_many_labels_show_the_largest_confusions():
    n = 13
    docs = mark([0, 0, 2], [1, 1, 2], [1, 1, 3], n_labels=n)
    table = confusion_table(make_report(docs, [f"L{i}" for i in range(n)]), "student")
    assert table.rows == (("L1", "L0", "2"), ("L3", "L2", "1"))


def test_tables_main_table_has_a_row_per_system():
    table = systems_table(make_report(mark([0, 1], [0, 1], [0, 0]), LABELS))
    assert [row[0] for row in table.rows] == ["teacher", "student", "TF-IDF + LR"]
    assert table.title == "2 gold Docs, 50 training texts"


def test_tables_curve_is_thinned_to_steps():
    points = [CurvePoint(i / 100, 1 - i / 100, 1.0, 1.0, 100 - i) for i in range(100)]
    assert [point.n_kept for point in thin(points)] == [100, 90, 80, 70, 60, 50]


def test_tables_curve_with_one_threshold_is_one_row():
    assert len(thin([CurvePoint(0.5, 1.0, 1.0, 1.0, 9)])) == 1


def test_report_is_plain_json():
    report = make_report(mark([0, 1], [0, None], [0, 0]), LABELS)
    data = json.loads(json.dumps(report.to_json()))
    assert data["gold"]["n_dev"] == 2
    assert data["systems"][0]["n_absent"] == 1


def test_report_page_keeps_texts_in_their_cells():
    docs = mark([1], [0], [0])
    page = render_markdown(make_report(docs, LABELS, texts=["one | two\nthree"]))
    assert "| billing | billing | praise | one \\| two three |" in page


def test_report_page_shows_notes():
    page = render_markdown(make_report(mark([0], [0], [0]), LABELS, notes=("Few Docs.",)))
    assert "> Few Docs." in page


def test_sentences_tell_of_the_temperature_and_the_paired_test():
    docs = mark([0] * 40, [0] * 39 + [1], [0] * 40, sure=[0.8] * 40)
    found = " ".join(sentences(make_report(docs, LABELS)))
    assert "only the student is right on 1, only the teacher on 0" in found
    assert "At the temperature that fits gold dev, 1.00" in found


def test_run_hashes_every_file_of_a_corpus(tmp_path):
    (tmp_path / "a.spacy").write_bytes(b"x")
    (tmp_path / "b.spacy").write_bytes(b"y")
    found = hash_corpus(tmp_path)
    assert list(found) == [(tmp_path / name).as_posix() for name in ("a.spacy", "b.spacy")]
    assert found[(tmp_path / "a.spacy").as_posix()].startswith("2d711642b726b044")


def test_run_versions_leave_out_what_is_not_installed(monkeypatch):
    monkeypatch.setattr("spacy_distill.evaluate.run.PACKAGES", ("spacy", "no-such-package"))
    assert list(package_versions()) == ["spacy"]
