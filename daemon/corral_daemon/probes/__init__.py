"""One file per probe: what this machine can do, measured. Adding one touches nothing else."""
