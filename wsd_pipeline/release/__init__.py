"""Releases: the only exit. An immutable folder a month and revision, its manifest, its check, its reader.

A release is either whole and verifiable, or invisible: it is written aside, checked, renamed, and only then
pointed to. It holds disclosure-controlled marts and nothing else.
"""
