"""Any data set with labels of its own: how it is read, shown to a family of models, scored and run."""
