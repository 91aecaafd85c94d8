"""Durable messages on disk until the hub has committed them, and the journal of units beside them."""
