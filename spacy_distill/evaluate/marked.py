"""Student and teacher on the same Docs, marked against gold."""

from dataclasses import dataclass

from ..scoring.predictions import Predictions, correct
from ..scoring.ty import Bools, Floats


@dataclass(frozen=True)
class Marked:
    """What student and teacher say about the same gold Docs.

    student (Predictions): The student's side.
    teacher (Predictions): The teacher's side.
    gold (Bools): What is right, shape (Docs, labels).
    """

    student: Predictions
    teacher: Predictions
    gold: Bools

    @property
    def student_right(self) -> Bools:
        """Whether the student has each Doc right, shape (Docs,)."""
        return correct(self.student, self.gold)

    @property
    def teacher_right(self) -> Bools:
        """Whether the teacher has each Doc right, shape (Docs,)."""
        return correct(self.teacher, self.gold)

    @property
    def confidence(self) -> Floats:
        """How sure the student is of each Doc, shape (Docs,)."""
        return self.student.confidence
