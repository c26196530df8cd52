import pickle
import re

import pytest
import spacy
import srsly
from confection import Config
from spacy.util import registry

from spacy_distill.errors import UserError
from spacy_distill.teacher.masking.mask import create_pii_mask
from spacy_distill.teacher.masking.strings import KINDS

from ...conftest import ROOT

BLOCK = """
[mask]
@misc = "spacy-distill.pii_mask.v1"
regions = ["US"]
"""
# All that is private in the demo's texts
DEMO = re.compile(r"[\w.]+@example\.com|555-01\d\d")


def test_mask_is_made_by_one_config_block():
    mask = registry.resolve(Config().from_str(BLOCK))["mask"]
    assert (mask.kinds, mask.regions, mask.names) == (KINDS, ("US",), None)


def test_mask_can_be_pickled_and_works_as_before():
    doc = spacy.blank("en")("Mail anna@example.com")
    mask = pickle.loads(pickle.dumps(create_pii_mask(regions=[])))
    assert mask.mask(doc).doc.text == "Mail [EMAIL_1]"


def test_mask_masks_the_private_strings_of_the_demo_texts_and_nothing_else():
    nlp = spacy.blank("en")
    mask = create_pii_mask(regions=["US", "GB", "DE", "FR"])
    n_masked = 0
    for name in ("comments", "gold_dev", "gold_pool", "gold_test"):
        for row in srsly.read_jsonl(ROOT / "assets" / f"{name}.jsonl"):
            masked = mask.mask(nlp.make_doc(row["text"]))
            assert re.sub(r"\[(EMAIL|PHONE)_\d\]", "*", masked.doc.text) == DEMO.sub(
                "*", row["text"]
            )
            n_masked += masked.counts["texts"]
    assert n_masked == 19


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kinds": ["mail"]}, r"kinds \['mail'\] do not exist; choose from \['email'"),
        ({"kinds": []}, "masks nothing"),
        ({}, r'needs regions = \["US"\]'),
        ({"regions": ["UK", "us"]}, r"regions \['UK', 'us'\] do not exist"),
    ],
)
def test_mask_settings_are_checked(settings, message):
    with pytest.raises(UserError, match=message):
        create_pii_mask(**settings)


def test_mask_needs_no_regions_without_phone_numbers():
    assert create_pii_mask(kinds=["email"]).regions == ()
