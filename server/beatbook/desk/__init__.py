"""Desk: the pages of supervisors, drawn on the server so that nothing personal is stored in an office browser."""
