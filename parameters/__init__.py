"""What the documents say: one folder per document, one YAML file per clause."""
