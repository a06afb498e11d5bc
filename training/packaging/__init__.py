"""Trained models as packages that pip installs."""
