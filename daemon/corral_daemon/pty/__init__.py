"""Terminals: who holds them, how their bytes get to the hub, and what the hub may ask of them (ADR 11).

holder ── warden ── the session's main process ── whatever it starts
       └─ warden ── …

The holder is one process per state folder, older than the daemon that talks to it and younger than none of its
sessions. `ring.py` is what both share, `holder.py`, `terminal.py` and `warden.py` run inside the holder, all other
files inside the daemon.
"""
