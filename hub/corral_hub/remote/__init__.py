"""Single commands and files on the machines: who may, on which channel, and what was asked of whom (ADR 14)."""
