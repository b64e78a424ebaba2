"""The protocol machine: phones with the real client code, the real server, and a network, backups and people between.

Hypothesis plays: it captures, sends, loses answers, jumps clocks, restores, and after every step the books are compared
with what is on the phones and on the server.
"""
