import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Template

from spacy_distill.errors import UserError
from spacy_distill.teacher.carry.inversion import Inversion, Pattern, invert_task
from spacy_distill.teacher.carry.teaching import read_teaching

TEXTS = st.text(st.sampled_from("ab'\n \\{"), max_size=12)


@given(st.lists(TEXTS, min_size=2, max_size=4), TEXTS)
def test_inversion_returns_what_was_rendered(parts, text):
    prompt = text.join(parts)
    assert Inversion(parts)(prompt) == text


@given(st.lists(TEXTS, min_size=2, max_size=4), TEXTS)
def test_what_inversion_returns_renders_to_the_prompt(parts, prompt):
    text = Inversion(parts)(prompt)
    assert text is None or text.join(parts) == prompt


@pytest.mark.parametrize(
    "text",
    ["short", "it's\n'''\nquoted", "Text:\n'''\nagain\n'''", "{{ text }}", "  edges  ", "ümläut ☃"],
)
def test_text_comes_back_from_a_real_template(teaching, prompt_of, text):
    assert invert_task(teaching.task, teaching.nlp)(prompt_of(text)) == text


@pytest.mark.parametrize("prompt", ["", "Text:\n'''\nx\n'''", "{rendered} and more"])
def test_other_prompts_have_no_text(teaching, prompt_of, prompt):
    prompt = prompt.format(rendered=prompt_of("x"))
    assert invert_task(teaching.task, teaching.nlp)(prompt) is None


class TemplateTask:
    def __init__(self, template):
        self.template = Template(template)

    def generate_prompts(self, docs, context_length=None):
        for doc in docs:
            yield [self.template.render(text=doc.text)], [doc]

    def parse_responses(self, shards, responses):
        return ()


def test_text_that_stands_twice_is_recovered(monkeypatch):
    from spacy_distill.teacher import prompts

    monkeypatch.setattr(prompts, "supports_sharding", lambda task: True)
    recover = invert_task(TemplateTask("A {{ text }} B {{ text }} C"), spacy.blank("en"))
    assert recover("A B x B B B x B C") == "B x B"


@pytest.mark.parametrize(
    "template",
    [
        "{{ text|upper }}",
        "{{ text|replace('\n', ' ') }}",
        "{{ text|tojson }}",
        "nothing",
        "{{ text|length }} {{ text }}",
        "{{ text|e }}",
    ],
)
def test_template_that_changes_the_text_is_refused(template, monkeypatch):
    from spacy_distill.teacher import prompts

    monkeypatch.setattr(prompts, "supports_sharding", lambda task: True)
    with pytest.raises(UserError, match="--pattern"):
        invert_task(TemplateTask(template), spacy.blank("en"))


def test_pattern_takes_its_group():
    assert Pattern(r"Text: (?P<text>.*)\nLabel:")("Text: a\nb\nLabel:") == "a\nb"
    assert Pattern(r"Text: (?P<text>.*)\nLabel:")("Label:") is None


@pytest.mark.parametrize("pattern", ["Text: (.*)", "(?P<text>"])
def test_bad_pattern_is_refused(pattern):
    with pytest.raises(UserError, match="pattern"):
        Pattern(pattern)


def test_template_that_is_nothing_but_the_text(config):
    text = config.read_text(encoding="utf8")
    task = '@llm_tasks = "spacy.TextCat.v3"\n'
    config.write_text(text.replace(task, task + 'template = "{{ text }}"\n'), encoding="utf8")
    teaching = read_teaching(config)
    assert teaching.prompts([teaching.nlp.make_doc("a 'b'\nc")])[0][0] == ["a 'b'\nc"]
    assert invert_task(teaching.task, teaching.nlp)("any text") == "any text"
