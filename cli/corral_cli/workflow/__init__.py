"""Workflows: their files read and written, compared and drawn. Nothing here talks to a hub."""
