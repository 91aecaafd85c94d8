"""The process beside the daemon that reads the rings of terminal sessions and knows what their screens show.

daemon: client.Scribe ═══ unix socket, rings as descriptors ═══ process.Desk ── sight.Sight (one per session)
                                                                                 ring ─► masking ─► squeeze ─► screen

The relay never waits for it but for a snapshot. It may be killed at any time: what it knows is in the rings.
"""
