"""Synthetic reports with known truth, rendered alike to txt, html, docx and pdf."""
