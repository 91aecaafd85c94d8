"""What the program in a terminal is doing, why that is believed, and since when.

`observe` and `watch` gather signals; `reduce` adds them up; `verdict` says what they mean; `rhythm` says when to look
again. Agents' screens are read by their adapters.
"""
