"""What nodes may reach over the network: public addresses, and those that the machine's owner allows."""
