"""Run one client in a process of its own: an arm's name, and its settings as JSON."""

import json
import sys
from pathlib import Path
from pkgutil import resolve_name

from .arms import ARMS
from .measure import Settings


def main() -> None:
    """Run the arm and print its figures as the last line."""
    arm, arguments = sys.argv[1], json.loads(sys.argv[2])
    for name in ("inputs", "folder"):
        arguments[name] = Path(arguments[name])
    arguments["labels"] = tuple(arguments["labels"])
    print(json.dumps(resolve_name(ARMS[arm])(Settings(**arguments))))


if __name__ == "__main__":
    main()
