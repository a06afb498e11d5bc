"""Families of models that learn any data set: scikit-learn, CRF, spaCy, transformers; one module each."""
