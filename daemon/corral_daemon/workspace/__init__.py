"""Where a unit works: an empty directory, a repository, or a git worktree of its own that is merged in the end."""
