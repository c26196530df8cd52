"""The licences of well-known pretrained encoders, by the SHA-256 of their weights or by name."""

from collections.abc import Mapping

BY_HASH = {
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db": (
        "all-MiniLM-L6-v2",
        "apache-2.0",
    ),
}
BY_NAME = {
    "bert-base-uncased": "apache-2.0",
    "distilbert-base-uncased": "apache-2.0",
    "roberta-base": "mit",
    "sentence-transformers/all-MiniLM-L6-v2": "apache-2.0",
    "xlm-roberta-base": "mit",
}


def describe_encoders(encoders: Mapping[str, Mapping[str, str]]) -> str:
    """Say which pretrained encoders a student started from, and under which licence they stand.

    encoders (Mapping[str, Mapping[str, str]]): Name or folder to the SHA-256 of each weights file.
    RETURNS (str): One phrase; empty for a student that started from none.
    """
    phrases = []
    for name, files in encoders.items():
        known = next((BY_HASH[x] for x in files.values() if x in BY_HASH), None)
        title, licence = known or (name, BY_NAME.get(name, ""))
        phrases.append(f"{title} ({f'licence: {licence}' if licence else 'licence not recorded'})")
    return ", ".join(phrases)
