"""What-ifs: one reform per file."""
