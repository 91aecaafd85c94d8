"""`corral demo`: a small real project, built by a graph of tasks on this machine. Needs no API key."""
