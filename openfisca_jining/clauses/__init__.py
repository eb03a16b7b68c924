"""The clause register (YAML) and its reader."""
