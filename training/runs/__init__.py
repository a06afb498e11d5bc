"""What a training leaves behind, and what is made of many: records, MLflow, search, tables and plots."""
