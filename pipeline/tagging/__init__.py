"""Domains and activities of segments: the tagger interface and the phrase-list baseline behind it."""
