"""The Dagster shell: every table as an asset with its gate, one monthly job. See README.md."""
