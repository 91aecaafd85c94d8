"""`corral up`: PostgreSQL, hub and a daemon for this machine, in the foreground, stopped together."""
