"""Model definitions, safe saving and loading, and the shipped default weights with their cards."""
