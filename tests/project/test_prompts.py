import pytest
import spacy

from spacy_distill.errors import UserError
from spacy_distill.project import init
from spacy_distill.project.prompts import make_prompt_template
from spacy_distill.teacher.prompts import render_prompts

from .conftest import LABELS, new_teacher


def render(template, tmp_path, *, labels=LABELS, exclusive=True, text="the text"):
    (tmp_path / "t.jinja").write_text(template, encoding="utf8")
    from spacy_llm.registry import registry

    block = {
        "@llm_tasks": "spacy.TextCat.v3",
        "labels": list(labels),
        "exclusive_classes": exclusive,
        "template": template,
    }
    task = registry.resolve({"task": block})["task"]
    ((prompts, _),) = render_prompts(task, [spacy.blank("xx").make_doc(text)])
    return prompts[0]


def test_instruction_stands_before_format_and_text(prompt, tmp_path):
    rendered = render(make_prompt_template(prompt), tmp_path)
    order = ["Is the customer happy?", "exactly one of these labels", "bad, good", "the text"]
    assert [rendered.index(part) for part in order] == sorted(map(rendered.index, order))


def test_template_keeps_its_own_place_for_the_text(prompt, tmp_path):
    prompt.write_text("Comment: {{ text }}\nIs it happy?", encoding="utf8")
    rendered = render(make_prompt_template(prompt), tmp_path)
    assert rendered.startswith("Comment: the text\nIs it happy?\n")
    assert rendered.count("the text") == 1


@pytest.mark.parametrize(
    "words", ["Answer {like} {% this %}", 'Not {"a": {"b": 1}}', "# {# not a comment #}"]
)
def test_braces_of_an_instruction_are_words(prompt, tmp_path, words):
    prompt.write_text(words, encoding="utf8")
    assert render(make_prompt_template(prompt), tmp_path).startswith(words)


@pytest.mark.parametrize(
    "words",
    [
        "{{ text | upper }}",
        "{{- text -}}",
        "{{ (text) }}",
        "{{ 'Comment: ' ~ text }}",
        "{% for line in text.splitlines() %}{{ line }}{% endfor %}",
        "{% raw %}{{ not this }}{% endraw %} {{ text }} {text}",
    ],
)
def test_template_may_put_the_text_in_any_way(prompt, tmp_path, words):
    prompt.write_text(words, encoding="utf8")
    rendered = render(make_prompt_template(prompt), tmp_path, text="4711")
    assert rendered.count("4711") == 1


@pytest.mark.parametrize(
    ("labels", "exclusive", "expected"),
    [
        (("spam",), True, "Answer POS if it does and NEG"),
        (LABELS, True, "exactly one"),
        (LABELS, False, "`==NONE==`"),
    ],
)
def test_answer_format_fits_the_task(prompt, tmp_path, labels, exclusive, expected):
    template = make_prompt_template(prompt)
    assert expected in render(template, tmp_path, labels=labels, exclusive=exclusive)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"{{ text }} {% if %}", "line 1"),
        (b"{{ text }}\n{{ customer }}", "uses customer"),
        (b"a {x} b {% endraw %}", "endraw"),
        (b"{{ text.body }}", "write {{ text }}"),
        (b"{{ text|length }}", "write {{ text }}"),
        (b"{% if label_definitions %}{{ text }}{% endif %}", "write {{ text }}"),
        (b"Which of {{ labels }}?", "write {{ text }}"),
        (b'Not {"a": {{1}}}', "write {{ text }}"),
        (b"Classify {text}", "holds {text}.*write {{ text }}"),
        (b"Classify { text }.", "write {{ text }}"),
        (b"1\n{{ text|foo }}", "line 2: No filter named 'foo'"),
        (b"{{ text + 1 }}", "can't be rendered"),
        (b"{{ text.a.b }}", "can't be rendered"),
        (b"{{ text }}{{ 1 / 0 }}", "can't be rendered"),
        (b"{{ text }}{% include 'x' %}", "can't be rendered"),
    ],
)
def test_bad_prompt_is_refused(prompt, tmp_path, content, message):
    prompt.write_bytes(content)
    with pytest.raises(UserError, match=message):
        init("project", new_teacher(prompt))
    assert not (tmp_path / "project").exists()
