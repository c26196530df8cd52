"""Groups of near-duplicates, which a split must keep together."""

from array import array

from ..duplicates import NearDuplicates

EXACT = 1.0


class Groups:
    """Groups of texts that are near-duplicates, directly or through others; grows text by text.

    The oldest member stands for its group: the one that was added first.
    """

    def __init__(self, threshold: float) -> None:
        self.index: NearDuplicates[int] = NearDuplicates(threshold)
        self.parents = array("q")

    def add(self, text: str) -> int:
        """Add a text to the groups that it resembles, which become one.

        text (str): The text.
        RETURNS (int): The text's number: 0, 1, 2, …
        """
        number = len(self.parents)
        self.parents.append(number)
        matches = self.index.matches(text)
        for other, _ in matches:
            self.join(other, number)
        if all(similarity < EXACT for _, similarity in matches):
            self.index.add(number, text)
        return number

    def join(self, one: int, other: int) -> None:
        """Make one group of the groups of two texts."""
        oldest, younger = sorted((self.oldest(one), self.oldest(other)))
        self.parents[younger] = oldest

    def oldest(self, number: int) -> int:
        """Return the number of the oldest text in a text's group."""
        while self.parents[number] != number:
            self.parents[number] = self.parents[self.parents[number]]
            number = self.parents[number]
        return number
