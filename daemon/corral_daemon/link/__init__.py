"""The one connection to the hub: who we are, what we hold, what happened; and what to do next."""
