"""Twelve extracts as suppliers name them; see README.md."""
