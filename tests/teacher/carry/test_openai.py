"""Logs in the shapes that OpenAI documents, with real prompts and answers of TextCat.v3 in them."""

import json

import pytest

from spacy_distill.attrs import get_distill
from spacy_distill.errors import UserError
from spacy_distill.teacher.label import label
from spacy_distill.ty import Request

from ...conftest import ROOT

MODEL = "gpt-4o-mini-2024-07-18"


def user(prompt):
    return [{"role": "user", "content": prompt}]


def choice(content, index=0, finish="stop"):
    message = {"role": "assistant", "content": content, "refusal": None}
    return {"index": index, "finish_reason": finish, "message": message, "logprobs": None}


def completion(*contents, model=MODEL):
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1724858089,
        "model": model,
        "choices": [choice(content, i) for i, content in enumerate(contents)],
        "usage": {"prompt_tokens": 24, "completion_tokens": 8, "total_tokens": 32},
        "system_fingerprint": "fp_1",
    }


def request(prompt, **settings):
    return {"model": "gpt-4o-mini", "messages": user(prompt), "temperature": 0.0, **settings}


def logged(prompt, *contents, **settings):
    return {"request": request(prompt, **settings), "response": completion(*contents)}


def shapes(prompt):
    """One call in every shape, and whether what is recorded of it agrees with the teacher's config."""
    body = {"status_code": 200, "request_id": "r", "body": completion("bad")}
    stored = {
        **completion("bad"), "temperature": 0.0, "top_p": 1.0, "presence_penalty": 0.0,
        "frequency_penalty": 0.0, "seed": None, "tools": None, "tool_choice": None,
        "response_format": None, "metadata": {}, "service_tier": "default", "input_user": None,
    }  # fmt: skip
    parts = [{"type": "text", "text": prompt}]
    output = [
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "bad"}],
        }
    ]
    listed = [{"id": "m", "role": "user", "content": prompt, "name": None, "content_parts": None}]
    return {
        "request and response": (logged(prompt, "bad"), True),
        "request with a body": ({"request": {"body": request(prompt)}, "response": body}, True),
        "batch in one row": ({"custom_id": "1", "body": request(prompt), "response": body}, True),
        "stored": ({**stored, "messages": user(prompt)}, True),
        "stored, listed": ({**stored, "messages": {"object": "list", "data": listed}}, True),
        "content parts": (logged(prompt, "bad") | {"request": request(parts)}, True),
        "flat, no settings": ({**completion("bad"), "messages": user(prompt)}, False),
        "input and output": ({"input": prompt, "output": "bad"}, False),
        "input messages": ({"input": user(prompt), "output": output, "model": MODEL}, False),
        "fine-tuning": ({"messages": [*user(prompt), {"role": "assistant", "content": "bad"}]}, False),
    }  # fmt: skip


def test_call_of_any_shape_is_read(prompt_of, write_rows, reap):
    rows = {name: shapes(prompt_of(name))[name] for name in shapes("")}
    report, docs, _ = reap("openai", write_rows([row for row, _ in rows.values()]))
    assert {name: doc.cats["bad"] for name, doc in docs.items()} == dict.fromkeys(rows, 1.0)
    assert report.n_stored == sum(agrees for _, agrees in rows.values())
    assert sum(report.not_stored.values()) == len(rows) - report.n_stored


def test_recorded_prompts_of_a_real_template_come_back(recorded, write_rows, reap):
    rows = [logged(row["prompt"], row["responses"][0]) for row in recorded]
    config = ROOT / "configs" / "teacher_intent.cfg"
    _, docs, rejects = reap("openai", write_rows(rows), teacher=config)
    assert rejects == []
    assert len(docs) == len({row["prompt"] for row in recorded})
    assert all(
        f"'''\n{text}\n'''" in row["prompt"] for text, row in zip(docs, recorded, strict=True)
    )


def test_label_asks_nothing_that_was_harvested(prompt_of, write_rows, reap, config, tmp_path):
    reap("openai", write_rows([logged(prompt_of(text), "bad") for text in ("one", "two")]))
    store = tmp_path / "answers.sqlite"
    (found,) = label(config, [tmp_path / "out"], tmp_path / "labelled", store_path=store)
    assert found.requests["stored"] == 2
    assert found.n_labelled == 2


def test_choices_of_a_call_vote(prompt_of, write_rows, reap):
    row = logged(prompt_of("one"), "bad", "good", "bad", n=3)
    report, docs, _ = reap("openai", write_rows([row]))
    assert docs["one"].cats["bad"] == pytest.approx(2 / 3)
    assert get_distill(docs["one"])["agreement"] == pytest.approx(2 / 3)
    assert report.n_stored == 3


def test_metadata_chooses_calls(prompt_of, write_rows, reap):
    rows = [logged(prompt_of(app), "bad", metadata={"app": app}) for app in ("web", "mail")]
    report, docs, _ = reap("openai", write_rows(rows), metadata={"app": "web"})
    assert list(docs) == ["web"]
    assert get_distill(docs["web"])["meta"] == {"app": "web"}
    assert report.left_out == {"other metadata": 1}


def test_halves_of_a_batch_are_joined(prompt_of, write_rows, reap):
    sent = [
        {"custom_id": f"r-{x}", "method": "POST", "url": "/v1/chat/completions",
         "body": request(prompt_of(x))} for x in ("one", "two", "three")
    ]  # fmt: skip
    got = [
        {"id": "b", "custom_id": f"r-{x}", "response": {"status_code": 200, "body": completion(y)},
         "error": None} for x, y in [("two", "good"), ("one", "bad"), ("four", "bad")]
    ]  # fmt: skip
    inputs = write_rows(got, "output.jsonl"), write_rows(sent, "input.jsonl")
    report, docs, _ = reap("openai", *inputs)
    assert {text: doc.cats["bad"] for text, doc in docs.items()} == {"two": 0.0, "one": 1.0}
    assert report.rejects == {"no answer": 1, "no request": 1}


def test_id_that_two_batches_use_joins_nothing(prompt_of, write_rows, reap):
    rows = [{"custom_id": "r-1", "body": request(prompt_of(x))} for x in ("one", "two")]
    rows += [{"custom_id": "r-1", "response": {"body": completion(x)}} for x in ("good", "bad")]
    report, docs, _ = reap("openai", write_rows([*rows, logged(prompt_of("three"), "bad")]))
    assert list(docs) == ["three"]
    assert report.rejects == {"ambiguous id": 2}


OTHER_QUESTIONS = [
    ({"model": "gpt-4o"}, "other model: gpt-4o"),
    ({"temperature": 1.0}, "other temperature"),
    ({"temperature": None}, "temperature is not recorded"),
    ({"top_k": 3}, "other top_k"),
    ({"max_tokens": 5}, "other max_tokens"),
    ({"messages": [{"role": "system", "content": "Be kind."}]}, "other system prompt"),
]


def test_another_question_labels_but_is_not_stored(prompt_of, write_rows, reap):
    rows = []
    for change, reason in OTHER_QUESTIONS:
        row = logged(prompt_of(reason), "bad")
        row["request"].update(change)
        row["request"]["messages"] = [*change.get("messages", []), *user(prompt_of(reason))]
        rows.append(row)
    report, docs, _ = reap("openai", write_rows(rows))
    assert {doc.cats["bad"] for doc in docs.values()} == {1.0}
    assert report.n_stored == 0
    assert report.not_stored == {reason: 1 for _, reason in OTHER_QUESTIONS}


BAD_ROWS = [
    ("nonsense", "not JSON"),
    ({}, "other messages"),
    ({"messages": 3, "choices": 3}, "other messages"),
    ({"messages": [*user("a"), *user("b")], "choices": [choice("bad")]}, "other messages"),
    ({"messages": user("a")}, "no answer"),
    ({"messages": user("a"), "choices": []}, "no answer"),
    ({"messages": user("a"), "choices": [choice("bad")]}, "text not recovered"),
    ({"messages": user("\ud800"), "choices": [choice("bad")]}, "text not recovered"),
    ({"request": {}, "response": {"error": {"message": "Bad key"}}}, "failed call"),
    ({"custom_id": "1", "body": {}, "response": {"status_code": 429, "body": {}}}, "failed call"),
    ({"response": {"body": {"model": [], "choices": [{}]}}}, "other messages"),
]  # fmt: skip


def test_every_bad_row_is_rejected_and_the_others_go_on(prompt_of, write_rows, reap):
    rows = [row for row, _ in BAD_ROWS]
    _, docs, rejects = reap("openai", write_rows([*rows, logged(prompt_of("one"), "bad")]))
    assert list(docs) == ["one"]
    assert [x["reason"] for x in rejects] == [reason for _, reason in BAD_ROWS]
    assert [x["line"] for x in rejects] == list(range(1, len(rows) + 1))


def test_choice_without_a_message_is_rejected(prompt_of, write_rows, reap):
    rows = [logged(prompt_of("one"), "bad"), logged(prompt_of("two"), "bad")]
    rows[0]["response"]["choices"] = [{"index": 0}]
    report, docs, _ = reap("openai", write_rows(rows))
    assert list(docs) == ["two"]
    assert report.rejects == {"no answer": 1}


@pytest.mark.parametrize(
    ("finish", "outcome"), [("length", "truncated"), ("content_filter", "refused")]
)
def test_answer_that_was_cut_or_filtered_is_no_label(prompt_of, write_rows, reap, finish, outcome):
    row = logged(prompt_of("one"), "bad")
    row["response"]["choices"] = [choice("bad", finish=finish)]
    report, docs, _ = reap("openai", write_rows([row]))
    assert docs["one"].cats == {}
    assert report.outcomes == {outcome: 1}
    assert report.n_stored == 1  # it is paid for, and `label` would get the same


def test_pattern_recovers_texts_of_another_template(write_rows, reap):
    row = logged("Is this good or bad?\n<one\nline>", "bad")
    report, docs, _ = reap("openai", write_rows([row]), pattern="<(?P<text>.*)>")
    assert docs["one\nline"].cats["bad"] == 1.0
    assert report.not_stored == {"asked with another prompt": 1}


def test_pattern_on_the_own_template_is_stored(prompt_of, write_rows, reap):
    rows = write_rows([logged(prompt_of("one"), "bad")])
    report, _, _ = reap("openai", rows, pattern="'''\n(?P<text>.*)\n'''")
    assert report.n_stored == 1


def test_seed_tells_the_sample(write_rows, reap, make_config, prompt_of):
    block = (
        '@llm_models = "spacy-distill.ChatModel.v1"\nmodel = "gpt-4o-mini"\nconfig = {"seed": 7}'
    )
    rows = [
        {"request": {"model": MODEL, "messages": user(prompt_of("one")), "seed": seed},
         "response": completion(answer)} for seed, answer in [(8, "bad"), (8, "bad"), (6, "good")]
    ]  # fmt: skip
    report, _, _ = reap("openai", write_rows(rows), teacher=make_config(model=block))
    assert report.n_stored == 1
    assert report.not_stored == {"other seed": 1}


def test_model_of_spacy_llm_is_known_by_its_own_defaults(write_rows, reap, make_config, prompt_of):
    block = '@llm_models = "spacy.GPT-4.v3"\nname = "gpt-4o-mini"'
    rows = [logged(prompt_of("one"), "bad")]
    report, _, _ = reap("openai", write_rows(rows), teacher=make_config(model=block))
    assert report.n_stored == 1


def test_metadata_is_refused_for_other_formats(write_rows, reap):
    with pytest.raises(UserError, match="logged calls"):
        reap("prodigy", write_rows([{}]), metadata={"a": "b"})


def test_gzipped_log_and_folder_are_read(prompt_of, tmp_path, reap):
    import gzip

    folder = tmp_path / "logs"
    folder.mkdir()
    with gzip.open(folder / "a.jsonl.gz", "wt", encoding="utf8") as file:
        file.write(json.dumps(logged(prompt_of("one"), "bad")))
    _, docs, _ = reap("openai", folder)
    assert list(docs) == ["one"]
    assert Request(prompt_of("one")).sample == 0
