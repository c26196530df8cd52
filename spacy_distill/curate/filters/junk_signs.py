"""The signs of junk that hold in any language: plain functions from a text to yes or no."""

import re
import unicodedata
from collections.abc import Callable, Collection

KEY_ROWS = ("qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm")
NEXT_KEYS = frozenset(row[i : i + 2] for row in KEY_ROWS for i in range(len(row) - 1))
RUN = re.compile(r"([\W_])\1+")
LINK = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\w+", re.IGNORECASE)
TIME = r"\d{1,2}:\d{2}:\d{2}"
LOG_LINE = re.compile(
    rf"""\s*(?:
        \[?\d{{4}}-\d\d-\d\d[T\s]{TIME}\S*\s.*\b(?:DEBUG|INFO|WARN(?:ING)?|ERROR|FATAL|CRITICAL)\b
        | [A-Z][a-z]{{2}}\s+\d{{1,2}}\s{TIME}\s\S+\s\S+:\s      # syslog
        | \S+\s\S+\s\S+\s\[[^\]]+{TIME}[^\]]*\]\s"[A-Z]+\s       # web server
        | at\s[\w$.]+\(.*\) | File\s"[^"]+",\sline\s\d+          # stack traces
        | Traceback\s\(most\srecent\scall\slast\)
    )""",
    re.VERBOSE,
)
AUTO_REPLY_START = re.compile(
    r"\s*(?:subject:\s*)?(?:automatic reply|auto-?\s?reply|autoresponse|automatische antwort|"
    r"abwesenheitsnotiz|réponse automatique|respuesta automática|risposta automatica)\s*:",
    re.IGNORECASE,
)
AUTO_REPLY_CUES = re.compile(
    r"(\bout of (?:the )?office\b)|(\blimited access to (?:my )?e-?mails?\b)"
    r"|(\burgent (?:matters|requests|inquiries)\b)|(\bthis is an automat(?:ed|ic) (?:message|reply)\b)"
    r"|(\bdo not reply to this (?:e-?mail|message)\b)|(\breply (?:to you )?(?:up)?on my return\b)",
    re.IGNORECASE,
)


def letter_share(text: str) -> float:
    """Return the share of letters (with their marks) among the characters that are not spaces.

    text (str): The text.
    RETURNS (float): From 0.0 to 1.0; a run of one symbol, such as "!!!", counts once.
    """
    chars = [char for char in RUN.sub(r"\1", text) if not char.isspace()]
    return sum(unicodedata.category(char)[0] in "LM" for char in chars) / max(1, len(chars))


def is_only_links(text: str) -> bool:
    """Say whether nothing but web and mail addresses is in a text."""
    return LINK.search(text) is not None and letter_share(LINK.sub(" ", text)) == 0.0


def is_repetitive(text: str) -> bool:
    """Say whether a text of four or more letters repeats one word or one or two letters."""
    words = re.findall(r"\w+", text.casefold())
    letters = "".join(word for word in words if word.isalpha())
    if len(letters) < 4:
        return False
    return (len(words) > 1 and len(set(words)) == 1) or len(set(letters)) <= 2


def is_keyboard_run(text: str) -> bool:
    """Say whether each word of a text is typed by running along the keys of a row."""
    words = re.findall(r"\w+", text.casefold())
    return bool(words) and all(_runs_along_keys(word) for word in words)


def _runs_along_keys(word: str) -> bool:
    pairs = [word[i : i + 2] for i in range(len(word) - 1)]
    return len(pairs) >= 3 and sum(pair in NEXT_KEYS for pair in pairs) >= 0.75 * len(pairs)


def is_log(text: str) -> bool:
    """Say whether the first line of a text, and at least half of all lines, are those of a log."""
    lines = [line for line in text.splitlines() if line.strip()]
    logged = [LOG_LINE.match(line) is not None for line in lines]
    return bool(logged) and logged[0] and sum(logged) >= 0.5 * len(logged)


def is_auto_reply(text: str) -> bool:
    """Say whether a mail program wrote a text: by its heading, or by two of the usual phrases."""
    if AUTO_REPLY_START.match(text):
        return True
    cues = {match.lastindex for match in AUTO_REPLY_CUES.finditer(text)}
    return len(cues) >= 2


def ends_open(text: str, open_words: Collection[str]) -> bool:
    """Say whether a text ends with one of the words that can't end a sentence."""
    words = text.split()
    return len(words) > 1 and words[-1].casefold() in open_words


SIGNS: dict[str, Callable[[str], bool]] = {
    "only links": is_only_links,
    "repetitive": is_repetitive,
    "keyboard run": is_keyboard_run,
    "log": is_log,
    "automatic reply": is_auto_reply,
}
