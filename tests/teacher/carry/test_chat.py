import json
from collections import Counter

import pytest
import spacy
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from spacy_distill.attrs import content_id, get_distill
from spacy_distill.errors import UserError
from spacy_distill.io import write_docs
from spacy_distill.teacher.carry.chat import export_chat
from spacy_distill.teacher.carry.limits import LIMITS, problems

JSON_TASK = '@llm_tasks = "spacy-distill.TextCat.v1"'


@pytest.fixture(scope="session")
def blank():
    return spacy.blank("xx")


@pytest.fixture
def make_corpus(tmp_path, blank):
    def make(rows, name="corpus"):
        docs = []
        for text, cats, *gold in rows:
            doc = blank.make_doc(text)
            doc.cats = cats
            record = get_distill(doc)
            record["id"] = content_id(text)
            if gold:
                record["gold"] = list(gold[0])
            docs.append(doc)
        write_docs(docs, tmp_path / name)
        return tmp_path / name

    return make


@pytest.fixture
def export(tmp_path, config):
    """Export; return the report, and the messages of each file."""

    def run(corpus, *, teacher=config, **settings):
        out = tmp_path / "tuning"
        report = export_chat(corpus, out, teacher=teacher, **settings)
        files = {}
        for name in ("train", "validation"):
            lines = (out / f"{name}.jsonl").read_text(encoding="utf8").splitlines()
            files[name] = [json.loads(line)["messages"] for line in lines]
        return report, files

    return run


SURE = [("one", {"good": 0.9, "bad": 0.1}), ("two", {"good": 0.2, "bad": 0.8})]


def test_example_has_the_text_and_the_answer(make_corpus, export):
    _, files = export(make_corpus(SURE), validation_size=0.0)
    assert files["train"] == [
        [{"role": "user", "content": "one"}, {"role": "assistant", "content": "good"}],
        [{"role": "user", "content": "two"}, {"role": "assistant", "content": "bad"}],
    ]


def test_full_prompt_is_what_the_teacher_was_sent(make_corpus, export, prompt_of, make_config):
    block = (
        '@llm_models = "spacy-distill.ChatModel.v1"\nmodel = "gpt-4o-mini"\nsystem = "Be brief."'
    )
    teacher = make_config(model=block)
    _, files = export(make_corpus(SURE[:1]), teacher=teacher, prompt="full", validation_size=0.0)
    assert [(x["role"], x["content"]) for x in files["train"][0]] == [
        ("system", "Be brief."),
        ("user", prompt_of("one")),
        ("assistant", "good"),
    ]


def test_system_prompt_is_the_users(make_corpus, export):
    _, files = export(make_corpus(SURE[:1]), system="Say good or bad.", validation_size=0.0)
    assert files["train"][0][0] == {"role": "system", "content": "Say good or bad."}


def test_gold_comes_before_the_teacher(make_corpus, export):
    report, files = export(make_corpus([(*SURE[0], ["bad"])]), validation_size=0.0)
    assert files["train"][0][-1]["content"] == "bad"
    assert report.files["train"].n_gold == 1


@pytest.mark.parametrize(
    ("labels", "exclusive", "cats", "answer"),
    [
        ('["good", "bad"]', "false", {"good": 1.0, "bad": 0.9}, "good, bad"),
        ('["good", "bad"]', "false", {"good": 0.0, "bad": 0.1}, "==NONE=="),
        ('["spam"]', "true", {"spam": 0.9}, "POS"),
        ('["spam"]', "true", {"spam": 0.0}, "NEG"),
    ],
)
def test_answer_has_the_form_of_the_task(
    make_corpus, export, make_config, labels, exclusive, cats, answer
):
    teacher = make_config(labels=labels, exclusive=exclusive)
    _, files = export(make_corpus([("one", cats)]), teacher=teacher, validation_size=0.0)
    assert files["train"][0][-1]["content"] == answer


def test_answer_of_a_json_task_is_json(make_corpus, export, config):
    text = config.read_text(encoding="utf8").replace('@llm_tasks = "spacy.TextCat.v3"', JSON_TASK)
    config.write_text(text, encoding="utf8")
    _, files = export(make_corpus(SURE[:1]), teacher=config, validation_size=0.0)
    assert json.loads(files["train"][0][-1]["content"]) == {"label": "good"}


def test_answer_that_the_task_can_not_read_is_an_error(make_corpus, export, make_config):
    teacher = make_config(labels='["good, really", "bad"]', exclusive="false")
    corpus = make_corpus([("one", {"good, really": 1.0, "bad": 0.0})])
    with pytest.raises(UserError, match="can't read the labels"):
        export(corpus, teacher=teacher)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("x", {}), "without a label"),
        (("x", {"good": 0.5, "bad": 0.5}), "tie between labels"),
        (("x", {"good": 0.7, "bad": 0.3}), "below the lowest confidence"),
        (("x", {"good": 1.0, "bad": 0.0}, ["ugly"]), "gold that the task's labels don't allow"),
        (("x", {"good": 1.0, "bad": 0.0}, ["good", "bad"]), "gold that the task's labels don't allow"),
    ],
)  # fmt: skip
def test_doc_without_one_answer_is_left_out(make_corpus, export, row, reason):
    report, files = export(make_corpus([row, *SURE]), min_confidence=0.75, validation_size=0.0)
    assert len(files["train"]) == 2
    assert report.left_out == {reason: 1}


def test_no_test_text_slips_in(make_corpus, export):
    rows = [(text, SURE[0][1]) for text in ("It  is\nFINE.", "same", "free")]
    test = make_corpus([("it is fine.", {}, ["good"]), ("same", {}, ["good"])], "test")
    report, files = export(make_corpus(rows), gold_test=test, validation_size=0.0)
    assert [messages[0]["content"] for messages in files["train"]] == ["free"]
    assert report.left_out == {"in the gold test corpus": 2}


def test_split_is_stable_and_keeps_copies_together(make_corpus, export):
    texts = [f"text {i}" for i in range(60)]
    rows = [(text, SURE[0][1]) for text in [*texts, *texts]]
    _, files = export(make_corpus(rows), validation_size=0.3)
    train, validation = (
        Counter(messages[0]["content"] for messages in files[name]) for name in files
    )
    assert not train.keys() & validation.keys()
    assert set((train + validation).values()) == {2}
    assert 5 < len(validation) < 35
    _, again = export(make_corpus(rows[:60]), validation_size=0.3)
    assert {messages[0]["content"] for messages in again["validation"]} == set(validation)


def test_folders_of_convert_are_taken_as_they_are(make_corpus, export, tmp_path):
    make_corpus([SURE[0]], "split/train")
    make_corpus([SURE[1]], "split/dev")
    make_corpus([("three", SURE[0][1])], "split/test")
    _, files = export(tmp_path / "split")
    assert {name: [x[0]["content"] for x in found] for name, found in files.items()} == {
        "train": ["one"],
        "validation": ["two"],
    }


def test_tokens_are_counted_with_a_tokenizer(make_corpus, export, tmp_path):
    tokenizer = Tokenizer(WordLevel({"?": 0}, unk_token="?"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    corpus = make_corpus([("five words are in here", SURE[0][1])])
    report, _ = export(corpus, tokenizer=tmp_path / "tokenizer.json", validation_size=0.0)
    assert report.files["train"].n_tokens == 5 + 1 + 2 * 3
    rough, _ = export(corpus, validation_size=0.0)
    assert rough.files["train"].n_tokens == 6 + 1 + 2 * 3


def test_vendors_limits_are_checked(make_corpus, export):
    report, _ = export(make_corpus(SURE), validation_size=0.0)
    assert report.vendors["OpenAI"] == ["needs 10 examples, there are 2"]
    assert report.vendors["Together"] == []
    assert report.to_json()["sources"].keys() == report.vendors.keys()


@pytest.mark.parametrize("limits", LIMITS, ids=lambda limits: limits.vendor)
def test_every_limit_has_a_source_and_is_found(limits):
    assert all(source.startswith("https://") for source in limits.sources)
    small = list(problems(limits, n_examples=100, n_bytes=10_000, longest=100))
    huge = list(problems(limits, n_examples=10**9, n_bytes=10**12, longest=10**6))
    n_upper = sum(x is not None for x in (limits.max_examples, limits.max_bytes, limits.max_tokens))
    assert small == []
    assert len(huge) == n_upper


def test_corpus_of_another_teacher_is_refused(make_corpus, export, tmp_path):
    with pytest.raises(UserError, match="ugly"):
        export(make_corpus([("one", {"ugly": 1.0})]))
    assert not list((tmp_path / "tuning").glob("*"))


def test_nothing_to_train_on_is_an_error(make_corpus, export):
    with pytest.raises(UserError, match="left to train on"):
        export(make_corpus([("one", {})]))


def test_mapped_labels_need_the_short_prompt(make_corpus, export):
    corpus = make_corpus([("one", {"fine": 1.0, "bad": 0.0})])
    _, files = export(corpus, label_map={"good": "fine"}, validation_size=0.0)
    assert files["train"][0][-1]["content"] == "fine"
    with pytest.raises(UserError, match="use short"):
        export(corpus, label_map={"good": "fine"}, prompt="full")


def test_exported_examples_can_be_harvested(make_corpus, export, reap, tmp_path):
    export(make_corpus(SURE), prompt="full", validation_size=0.0)
    _, docs, rejects = reap("openai", tmp_path / "tuning" / "train.jsonl")
    assert rejects == []
    assert {text: doc.cats["good"] for text, doc in docs.items()} == {"one": 1.0, "two": 0.0}
