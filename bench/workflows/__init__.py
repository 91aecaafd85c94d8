"""Workflows end to end: Corral, the floor of its own shape, and other engines, case by case and in turn."""
