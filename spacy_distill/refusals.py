"""How an LLM begins that declines to answer."""

import re

REFUSAL = re.compile(
    r"\s*(i['’]?m sorry|i am sorry|sorry,|i can(no|['’])t\b|i cannot\b|i['’]?m (not able|unable)\b"
    r"|i am (not able|unable)\b|as an ai\b)",
    re.IGNORECASE,
)
