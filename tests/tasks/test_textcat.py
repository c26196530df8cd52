import json
from types import SimpleNamespace

import pytest
import spacy
from spacy.training import Example
from spacy_llm.registry import registry
from spacy_llm.tasks.textcat import TextCatTask

from spacy_distill.contract import read_contract, read_teacher
from spacy_distill.errors import UserError
from spacy_distill.ty import Answer, AuditingTask, ReaskingTask, Request, SchemaTask

NLP = spacy.blank("en")
EXCLUSIVE = {"exclusive_classes": True}


def render(task, text="A film."):
    ((prompts, _),) = task.generate_prompts([NLP.make_doc(text)])
    return prompts[0]


def answer(response, prompt="What?"):
    return Answer(Request(prompt), response)


def labelled(text, **cats):
    doc = NLP.make_doc(text)
    doc.cats = cats
    return Example(doc.copy(), doc)


def test_it_is_registered_and_what_the_teacher_room_asks_for(make_task):
    task = registry.llm_tasks.get("spacy-distill.TextCat.v1")(["good", "bad"])
    for protocol in (TextCatTask, AuditingTask, ReaskingTask, SchemaTask):
        assert isinstance(task, protocol)


@pytest.mark.parametrize(
    ("labels", "settings", "expected"),
    [
        (["good", "bad"], EXCLUSIVE, {"label": {"type": "string", "enum": ["bad", "good"]}}),
        (
            ["good", "bad"],
            {},
            {"labels": {"type": "array", "items": {"type": "string", "enum": ["bad", "good"]}}},
        ),
        (["bad"], {}, {"labels": {"type": "array", "items": {"type": "string", "enum": ["bad"]}}}),
        (
            ["bad"],
            EXCLUSIVE,
            {"labels": {"type": "array", "items": {"type": "string", "enum": ["bad"]}}},
        ),
    ],
)
def test_schema_is_within_what_strict_endpoints_accept(make_task, labels, settings, expected):
    schema = make_task(labels, **settings).json_schema
    assert schema == {
        "type": "object",
        "properties": expected,
        "required": list(expected),
        "additionalProperties": False,
    }


def test_prompt_of_exclusive_labels(make_task):
    task = make_task(label_definitions={"good": "It's <fine>."}, **EXCLUSIVE)
    assert render(task, "A {{ film }}.") == (
        "Classify the text that stands at the end.\n\n"
        "Exactly one of these labels applies to it. Choose the one that fits best:\n"
        "- bad\n"
        "- good: It's <fine>.\n\n"
        'Answer with a JSON object of this form and nothing else: {"label": "the label"}\n'
        "Write labels exactly as they stand above.\n\n"
        "Text:\n'''\nA {{ film }}.\n'''"
    )


@pytest.mark.parametrize(
    ("labels", "allow_none", "asked", "form"),
    [
        (["good", "bad"], True, "it may be none", 'the list is empty: {"labels": []}'),
        (["good", "bad"], False, "at least one", '{"labels": ["a label", "another label"]}\nWrite'),
        (["bad"], False, "this label applies", '{"labels": ["bad"]} if the label applies'),
    ],
)
def test_prompt_of_other_labels(make_task, labels, allow_none, asked, form):
    prompt = render(make_task(labels, allow_none=allow_none))
    assert asked in prompt
    assert form in prompt


@pytest.mark.parametrize(
    ("labels", "settings", "given", "shown"),
    [
        (["good", "bad"], EXCLUSIVE, "good", '{"label": "good"}'),
        (["good", "bad"], EXCLUSIVE, '{"label": "bad"}', '{"label": "bad"}'),
        (["good", "bad"], {}, "good, bad", '{"labels": ["good", "bad"]}'),
        (["good", "bad"], {}, "==NONE==", '{"labels": []}'),
        (["good"], {}, "POS", '{"labels": ["good"]}'),
        (["good"], {}, "NEG", '{"labels": []}'),
    ],
)
def test_examples_of_spacy_llm_are_shown_in_json(make_task, labels, settings, given, shown):
    task = make_task(labels, examples=[{"text": "An old one.", "answer": given}], **settings)
    assert f"\n\nText:\n'''\nAn old one.\n'''\nAnswer: {shown}\n\nText:\n'''\nA film" in render(
        task
    )


def test_examples_come_from_the_few_shot_reader(make_task, tmp_path):
    path = tmp_path / "examples.json"
    path.write_text(json.dumps([{"text": "An old one.", "answer": "good"}]), encoding="utf8")
    reader = registry.misc.get("spacy.FewShotReader.v1")(path)
    assert "An old one." in render(make_task(examples=reader))


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"examples": [{"text": "x", "answer": "superb"}]}, "superb.*'bad', 'good'"),
        ({"examples": [{"text": "x", "answer": "good, bad"}], **EXCLUSIVE}, "good, bad"),
        ({"labels": ["good", "Good "]}, "the same to the normalizer"),
    ],
)
def test_config_that_cannot_work_is_refused(make_task, settings, match):
    with pytest.raises(UserError, match=match):
        make_task(**settings)


def test_no_definition_is_needed_for_every_label_and_text_is_no_template(make_task):
    prompt = render(make_task(label_definitions={"good": "{{ labels }}"}))
    assert "- good: {{ labels }}\n" in prompt
    assert "- bad\n" in prompt


def test_own_template(make_task):
    task = make_task(template="{{ labels|join('/') }} {{ text }} {{ examples|length }}")
    assert render(task) == "bad/good A film. 0"


def test_malformed_answer_is_asked_for_again_with_what_was_wrong(make_task):
    task = make_task(**EXCLUSIVE)
    prompt = task.reask(answer("Great film'''\n{\n" + "x" * 5000, "The {prompt}"))
    assert prompt.startswith("The {prompt}\n\nAn earlier answer could not be used: its JSON is ")
    assert "\"Great film'''\\n{\\nxxx" in prompt
    assert prompt.endswith('like {"label": "the label"}')
    assert len(prompt) < 1000


@pytest.mark.parametrize("response", ['{"label": "good"}', "good", '{"label": "x"}', "I'm sorry."])
def test_other_answers_are_not_asked_for_again(make_task, response):
    assert make_task(**EXCLUSIVE).reask(answer(response)) is None


def test_audit_reads_the_answer(make_task):
    audited = make_task().audit(answer('```json\n{"labels": ["bad"]}\n```'))
    assert audited.labels == ("bad",)
    assert audited.reason == "repaired: a Markdown fence"


@pytest.mark.parametrize(
    ("settings", "responses", "cats"),
    [
        (EXCLUSIVE, ['{"label": "good"}'], {"good": 1.0, "bad": 0.0}),
        ({}, ['{"labels": []}'], {"good": 0.0, "bad": 0.0}),
        ({}, ["What?"], {}),
        (EXCLUSIVE, ['{"label": "good"}', '{"label": "bad"}'], {"good": 0.5, "bad": 0.5}),
        (EXCLUSIVE, ['{"label": "good"}', "What?"], {}),
    ],
)
def test_parse_responses_leaves_unusable_answers_without_labels(
    make_task, settings, responses, cats
):
    shards = [NLP.make_doc("one two") for _ in responses]
    (doc,) = make_task(**settings).parse_responses([shards], [responses])
    assert dict(doc.cats) == cats


def test_verbose_says_which_answer_was_of_no_use(make_task, caplog):
    list(make_task(verbose=True).parse_responses([[NLP("one")]], [["What?"]]))
    assert "What?" in caplog.text


def test_it_works_in_a_plain_pipeline(make_nlp):
    nlp = make_nlp()
    assert nlp.get_pipe("llm").labels == ("bad", "good")
    assert nlp('say: {"label": "bad"}').cats == {"bad": 1.0, "good": 0.0}
    assert [dict(doc.cats) for doc in nlp.pipe(["film", "say: no idea"])] == [
        {"bad": 0.0, "good": 1.0},
        {},
    ]


def test_long_text_is_cut_for_a_short_context(make_nlp, teacher):
    nlp = make_nlp(context_length=70)
    doc = nlp("very " * 60)
    assert len(teacher.prompts) > 1
    assert doc.cats == {"bad": pytest.approx(0.0), "good": pytest.approx(1.0)}


def test_scorer_scores(make_nlp):
    scores = make_nlp().evaluate([labelled("film", good=1.0, bad=0.0)])
    assert scores["cats_score"] == 0.5  # macro F over both labels, one of which never applies


def test_pipeline_is_the_same_after_a_round_trip(make_nlp, tmp_path):
    nlp = make_nlp()
    nlp.get_pipe("llm").add_label("so-so", "Neither.")
    before = render(nlp.get_pipe("llm").task)
    nlp.to_disk(tmp_path / "pipeline")
    assert render(spacy.load(tmp_path / "pipeline").get_pipe("llm").task) == before
    task = make_nlp().get_pipe("llm").task.from_bytes(nlp.get_pipe("llm").task.to_bytes())
    assert render(task) == before
    assert task.json_schema == nlp.get_pipe("llm").task.json_schema


def test_labels_and_examples_are_found_at_initialization(make_task):
    task = make_task([])
    examples = [labelled("A hit.", good=1.0, bad=0.0), labelled("Hm.", good=0.0, bad=0.0)]
    task.initialize(lambda: examples, NLP, n_prompt_examples=-1)
    assert task.labels == ("bad", "good")
    assert "'''\nA hit.\n'''\nAnswer: {\"labels\": [\"good\"]}" in render(task)
    assert "'''\nHm.\n'''\nAnswer: {\"labels\": []}" in render(task)


def test_doc_without_exactly_one_label_is_no_example_of_exclusive_ones(make_task):
    task = make_task(**EXCLUSIVE)
    task.initialize(lambda: [labelled("Hm.", good=0.0, bad=0.0)], NLP, n_prompt_examples=-1)
    assert "Hm." not in render(task)


def test_single_label_found_at_initialization_is_asked_as_such(make_task):
    task = make_task([])
    task.initialize(lambda: [labelled("A hit.", good=1.0)], NLP)
    assert '{"labels": ["good"]} if the label applies' in render(task)


def test_examples_are_masked_like_the_texts(make_task):
    class Mask:
        def mask(self, doc):
            return SimpleNamespace(doc=NLP.make_doc(doc.text.replace("Bob", "[NAME_1]")))

    task = make_task(examples=[{"text": "Bob is great.", "answer": "good"}])
    task.mask_examples(Mask())
    assert "[NAME_1] is great." in render(task)
    assert "Bob" not in render(task)


def test_contract_is_read_from_its_config(make_config):
    for read in (read_contract, read_teacher):
        contract = read(make_config('label_definitions = {"good": "Fine."}'))
        assert (contract.name, contract.labels, contract.exclusive) == (
            "llm",
            ("good", "bad"),
            True,
        )
