"""A session of some machine in the terminal of this one: keys go there, output comes here, byte for byte."""
