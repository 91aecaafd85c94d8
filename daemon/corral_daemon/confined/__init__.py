"""Files below one folder: no path leads out of it, and no link is followed."""
