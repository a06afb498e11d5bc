"""Converters between the corpus and the forms other tools hold it in.

Every converter turns :class:`~gongkai.corpora.records.CorpusParagraph` into a file and, but for BIO, back without loss.
What a form cannot hold is refused with a message, never dropped.
"""
