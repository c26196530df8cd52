"""`spacy distill answers stats`: what the answer store holds."""

from pathlib import Path
from typing import TYPE_CHECKING

from wasabi import msg

from .answers import STORE, answers_app
from .answers_show import shown
from .app import command

if TYPE_CHECKING:
    from ..teacher.store.upkeep import StoreStats


@command(
    "stats",
    app=answers_app,
    examples="python -m spacy distill answers stats --store answers.sqlite",
)
def stats_cli(store: Path = STORE) -> None:
    """Show what a store holds: size, answers, failures and tokens by model, and tags."""
    from ..teacher.store.upkeep import store_stats

    found = store_stats(store)
    answers = sum(model.answers for model in found.models)
    failed = sum(model.failed for model in found.models)
    msg.text(
        f"{store}: {found.n_bytes / 1e6:,.1f} MB, {answers:,} answers and {failed:,} failures to "
        f"{found.n_prompts:,} prompts; {found.n_claims:,} being asked now"
    )
    print_totals(found)


def print_totals(found: "StoreStats") -> None:
    """Print the answers of each model and of each of its tags."""
    models = [
        (
            shown(m.model),
            f"{m.answers:,}",
            f"{m.failed:,}",
            f"{m.prompt_tokens:,}",
            f"{m.completion_tokens:,}",
            m.first[:16],
            m.last[:16],
        )
        for m in found.models
    ]
    tags = [
        (shown(t.model), shown(f"{t.tag}={t.value}"), f"{t.answers:,}", f"{t.failed:,}")
        for t in found.tags
    ]
    header = ("Model", "Answers", "Failed", "Tokens in", "Tokens out", "First (UTC)", "Last (UTC)")
    aligns = ("l", "r", "r", "r", "r", "l", "l")
    if models:
        msg.table(models, header=header, aligns=aligns, divider=True, spacing=2, max_col=60)
    if tags:
        tag_header = ("Model", "Tag", "Answers", "Failed")
        msg.table(tags, header=tag_header, aligns=("l", "l", "r", "r"), divider=True, spacing=2)
