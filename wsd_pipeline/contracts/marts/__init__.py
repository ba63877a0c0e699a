"""What is published: one module a family of marts, each with a `TABLES` tuple. Adding a module adds its marts."""
