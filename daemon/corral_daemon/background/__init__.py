"""Processes that outlive the node that started them, and end with the daemon."""
