"""Synthetic reports with known truth: one abstract report, rendered to txt, html, docx and pdf."""
