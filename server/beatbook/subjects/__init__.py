"""Subjects: people who ask what is held about them (DP8), from the request to the file that they are handed.

`sought` says whom to look for, `places` walks everything that can hold words about a person and shows one place in
passages, `requests` keeps what somebody decided about each, `package` makes the file. Nothing leaves before a person
has looked at every place and has left out what is somebody else's.
"""
