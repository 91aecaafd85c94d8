"""Files below a root that nobody leads out of: what nodes of workflows and people at a distance may reach."""
