"""What needs a person: everything that stands still until somebody looks, each with why and since when."""
