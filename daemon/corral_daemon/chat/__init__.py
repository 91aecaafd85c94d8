"""Chat with language models over their providers' own wire formats: one question, one reply, what it cost."""
