"""The similarity of two texts, computed the long way."""

from spacy_distill.shingles import SHINGLE_SIZE, normalize_text


def shingles(text):
    normal = normalize_text(text)
    return {normal[i : i + SHINGLE_SIZE] for i in range(max(1, len(normal) - SHINGLE_SIZE + 1))}


def true_jaccard(one, other):
    a, b = shingles(one), shingles(other)
    return len(a & b) / len(a | b)
