"""Forecasts: what the next years will cost, and how sure we are."""
