"""Process trees: how they are started, watched and brought to an end.

daemon ── keeper ── warden ── the unit's main process ── whatever it starts
               └─── warden ── …

The keeper forks one small warden per unit, one always ahead of need. Both are subreapers, so every process of a unit,
however often it forked or called setsid, stays below its warden, and a warden without children is a unit whose whole
tree is gone. Daemon and warden speak with each other directly: the death of either is the end of their socket.
"""
