"""How the shipped models are trained, one file for each."""
