"""The labelling loop: what to label next, out to a labelling tool, and its annotations back into a corpus."""
