"""Static HTML pages: no outside address, no script, readable from a shared drive by double click and in print."""
