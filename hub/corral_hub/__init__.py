"""The hub: the memory (PostgreSQL) and the judgement (pure decisions). It never runs user work."""
