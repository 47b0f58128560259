"""Correction that keeps all the content: correctors suggest edits, and only edits that lose nothing are applied."""
