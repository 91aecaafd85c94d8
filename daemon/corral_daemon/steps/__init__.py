"""Steps of workflows: attempts of nodes in this machine's hands."""
