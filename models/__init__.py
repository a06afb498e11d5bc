"""Model definitions, safe saving and loading, and the shipped default weights (none yet: the baselines are rules)."""
