import pickle

import pytest
import spacy
from spacy.training import Example

from spacy_distill.errors import UserError
from spacy_distill.teacher.masking.mask import create_pii_mask
from spacy_distill.teacher.masking.names import NameFinder

NLP = spacy.blank("en")


def test_names_of_the_labels_are_masked(names_pipeline):
    mask = create_pii_mask(kinds=[], names=names_pipeline)
    masked = mask.mask(NLP("Anna Smith and Li Wei of Acme know Anna Smith's friend."))
    assert masked.doc.text == "[NAME_1] and [NAME_2] of Acme know [NAME_1]'s friend."
    assert masked.counts == {"texts": 1, "name": 2}


def test_names_of_a_trained_pipeline_are_masked(tmp_path):
    nlp = spacy.blank("en")
    ner = nlp.add_pipe("ner")
    ner.add_label("PER")
    texts = [f"{verb} {name} {end}" for verb in ("Ask", "Call", "Tell") for name in ("Anna", "Ben")
             for end in ("now", "again", "please")]  # fmt: skip
    examples = []
    for text in texts:
        start = text.index(" ") + 1
        end = text.index(" ", start)
        examples.append(Example.from_dict(nlp.make_doc(text), {"entities": [(start, end, "PER")]}))
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(12):
        nlp.update(examples, sgd=optimizer)
    nlp.to_disk(tmp_path / "ner")
    mask = create_pii_mask(kinds=[], names=str(tmp_path / "ner"))
    assert mask.mask(NLP("Ask Anna now")).doc.text == "Ask [NAME_1] now"


def test_names_are_found_in_batches_and_in_a_process_of_their_own(names_pipeline):
    mask = pickle.loads(pickle.dumps(create_pii_mask(kinds=[], names=names_pipeline)))
    texts = [
        doc.doc.text for doc in mask.mask_all(list(NLP.pipe(["Li Wei", "nobody", "Mehmet Öz"])))
    ]
    assert texts == ["[NAME_1]", "nobody", "[NAME_1]"]


def test_names_leave_no_words_in_the_pipeline(names_pipeline):
    finder = NameFinder(names_pipeline, ["PERSON"])
    finder.find(["first"])
    before = len(finder._nlp.vocab.strings)
    for i in range(20):
        finder.find([f"word{i} of Anna Smith"])
    assert len(finder._nlp.vocab.strings) == before


def test_names_pipeline_is_loaded_at_the_first_text_and_must_be_there(tmp_path):
    mask = create_pii_mask(kinds=[], names="xx_no_such_pipeline")
    with pytest.raises(UserError, match="python -m spacy download xx_no_such_pipeline"):
        mask.mask(NLP("Anna"))


def test_names_pipeline_must_know_the_labels(names_pipeline):
    mask = create_pii_mask(kinds=[], names=names_pipeline, name_labels=["PER"])
    with pytest.raises(UserError, match=r"\['PER'\]; its labels are \['ORG', 'PERSON'\]"):
        mask.mask(NLP("Anna"))


def test_names_pipeline_must_not_ask_an_llm(tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe(
        "llm",
        config={
            "task": {"@llm_tasks": "spacy.NER.v2", "labels": ["PERSON"]},
            "model": {"@llm_models": "spacy.NoOp.v1"},
            "cache": {"@llm_misc": "spacy.BatchCache.v1", "batch_size": 1, "max_batches_in_mem": 1},
        },
    )
    nlp.to_disk(tmp_path / "asking")
    with pytest.raises(UserError, match=r"with the LLM in \['llm'\]"):
        create_pii_mask(kinds=[], names=str(tmp_path / "asking")).mask(NLP("Anna"))
