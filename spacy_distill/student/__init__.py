"""Trainable components, and what `spacy train` needs to train them on a teacher's labels."""
