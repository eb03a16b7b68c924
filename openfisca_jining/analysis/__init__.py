"""Questions out, one module per question. Nothing in here knows a clause."""
