"""One file per noun: read the options, ask the hub, print."""
