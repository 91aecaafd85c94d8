"""What Corral costs on this machine, beside what a commit costs on it: see docs/benchmarks.md."""
