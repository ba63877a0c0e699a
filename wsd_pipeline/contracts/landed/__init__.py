"""Suppliers' feeds: one module per supplier, each with a `TABLES` tuple. Adding a module adds its feeds."""
