"""Recordings of terminal sessions: taken from the machines in segments, kept for a time, read as asciicast."""
