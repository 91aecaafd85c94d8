"""Terminals: what is known of each, and the way of its bytes from a machine to whoever watches."""
