"""Ask the teacher a few of the prompts of a plan: their usage is what a forecast can rest on."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ...errors import UserError
from ...ty import Request, Track, untracked
from ..pipeline import load_teacher, stored_model
from ..plan import Plan
from .prices import cost


@dataclass(frozen=True)
class Sampled:
    """What asking a few prompts took: answers, those that failed, and US dollars, where known."""

    n_answers: int
    n_failed: int
    cost: float | None


def ask_drawn(
    plan: Plan,
    *,
    track: Track = untracked,
) -> Sampled:
    """Ask the prompts that a plan has drawn; this is paid, and `label` asks none of them again.

    plan (Plan): A plan with prompts drawn.
    track (Track): Shows progress.
    RETURNS (Sampled): What it took. Plan again for a forecast that rests on it.
    RAISES (UserError): If the model reports no usage, so that nothing would be learnt.
    """
    if not plan.terms.reports_usage:
        raise UserError(
            f"{plan.model} is a model of spacy-llm, which does not report the tokens that it uses: "
            f"asking a sample would tell nothing. Use spacy-distill.ChatModel.v1, or --tokenizer."
        )
    nlp = load_teacher(Path(plan.teacher), plan.component, store_path=plan.store)
    model = stored_model(nlp, plan.component)
    if model is None:
        raise UserError(f"{plan.component!r} of {plan.teacher} is not asked through a store.")
    requests = [Request(prompt, i) for prompt in plan.drawn for i in range(plan.samples)]
    with closing(model):
        asked = track(model.answers(requests), total=len(requests), desc="Sample", unit="answers")
        answers = list(asked)
    price = plan.terms.price
    costs = [] if price is None else [cost(answer.usage, price) or 0.0 for answer in answers]
    return Sampled(
        n_answers=len(answers),
        n_failed=sum(answer.status == "failed" for answer in answers),
        cost=None if price is None else sum(costs),
    )
