"""Single commands on machines, and files there, as this program asks for them."""
