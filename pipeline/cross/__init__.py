"""Checks between reports: two years of one authority, over all summaries of an output set (``gongkai cross``).

``outputs`` reads summaries one at a time, ``identity`` and ``pairing`` find which of them are of one authority,
``tables`` and ``duplicates`` compare two of them, ``run`` goes over the whole set.
"""
