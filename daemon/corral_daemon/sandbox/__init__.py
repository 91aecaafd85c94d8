"""Strangers' code in a process of its own, behind walls (bubblewrap): nothing of it runs in ours.

launch ─► bwrap ─► inside ─► run_python | run_javascript     outside: mounts, another user, memory watched
                                                              inside: no network, no home, no daemon, few processes
"""
