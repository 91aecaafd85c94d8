"""`corral doctor`: named checks, each with what is wrong, why it matters and how to repair it."""
