"""One unit from assignment to outcome."""
