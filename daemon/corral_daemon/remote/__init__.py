"""Single commands and files, as the hub asks for them (ADR 14).

remote ─► execution ─► processes (a warden each)     what is asked comes in and goes out on a channel of its own
      └─► transfers ─► tree (dir_fd, O_NOFOLLOW)     all file I/O in threads of its own
"""
