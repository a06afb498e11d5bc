"""Texts the project owns: bundled sample reports and the generator of synthetic ones."""
