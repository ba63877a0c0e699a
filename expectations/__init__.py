"""The Great Expectations shell: suites made from contracts, run over Parquet, counts out. See README.md."""
