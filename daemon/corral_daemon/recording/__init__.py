"""Recordings of terminal sessions: made by the scribe from what it reads anyway, kept in files until the hub has them.

scribe: Sight ─ masked output ─► Recorder ─ Packer (pure) ─► Shelf: a file a segment ─► daemon: Shipper ─► hub

The relay knows nothing of it. Whatever is not recorded (a flood, a full disk, a ring that went round) is declared in
the recording as a gap, with a drawing of the screen after it.
"""
