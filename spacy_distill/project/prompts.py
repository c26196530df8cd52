"""From a user's own words to the prompt template of the teacher's task."""

import re
from pathlib import Path
from typing import Any

from jinja2 import TemplateError, TemplateSyntaxError, meta
from jinja2.sandbox import SandboxedEnvironment

from ..errors import UserError
from .templates import read_template

# What people write for the text who have used other templates
OTHER_PLACE = re.compile(r"\{\s*text\s*\}")
# Digits: the same in capitals, stripped or escaped
STAND_IN = "80417263059"
# What spacy-llm's task hands to its template
VARIABLES: dict[str, Any] = {
    "text": STAND_IN,
    "labels": ["one", "two"],
    "label_definitions": None,
    "exclusive_classes": True,
    "allow_none": True,
    "prompt_examples": [],
}


def make_prompt_template(path: Path) -> str:
    """Turn a user's prompt into a template with our answer format, which the audit can read.

    path (Path): A text file: an instruction, which the text will follow, or a Jinja template with
        `{{ text }}` where the text belongs.
    RETURNS (str): A Jinja template for spacy-llm's text classification task.
    RAISES (UserError): If the file is empty, not UTF-8, a template that can't be rendered or that
        leaves the text out, or an instruction with another kind of place for the text.
    """
    try:
        words = path.read_text(encoding="utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 ({error}); save it as UTF-8.") from error
    if not words:
        raise UserError(f"{path} is empty; write down what the LLM has to decide.")
    answer_format = read_template("prompt.jinja")
    if "{{" in words:
        check_template(words, path)
        return f"{words}\n{answer_format}"
    return f"{verbatim(words, path)}\n{answer_format}{read_template('text.jinja')}"


def verbatim(words: str, path: Path) -> str:
    """Keep braces in an instruction from being read as Jinja."""
    if OTHER_PLACE.search(words):
        raise UserError(
            f"{path} holds {OTHER_PLACE.findall(words)[0]}, which would be sent as it is; write "
            f"{{{{ text }}}} where the text belongs, or leave it out to have the text at the end."
        )
    if "endraw" in words:
        raise UserError(
            f"{path} holds the word 'endraw', which ends a verbatim block; leave it out."
        )
    return f"{{% raw %}}{words}{{% endraw %}}" if "{" in words else words


def check_template(source: str, path: Path) -> None:
    """Refuse a template that can't be rendered, that names what it is not given, or loses the text.

    RAISES (UserError): With the line of a syntax error, or the names of the unknown variables.
    """
    environment = SandboxedEnvironment()
    try:
        template = environment.from_string(source)
    except TemplateSyntaxError as error:
        raise UserError(f"{path}, line {error.lineno}: {error.message}.") from error
    unknown = sorted(meta.find_undeclared_variables(environment.parse(source)) - set(VARIABLES))
    if unknown:
        raise UserError(
            f"{path} uses {', '.join(unknown)}, but a template is given {', '.join(sorted(VARIABLES))}."
        )
    try:
        rendered = template.render(VARIABLES)
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise UserError(f"{path} can't be rendered: {error}.") from error
    if STAND_IN not in rendered:
        raise UserError(
            f"{path} has {{{{ in it, which makes it a template, but the text is not in what it makes; "
            f"write {{{{ text }}}} where the text belongs."
        )
