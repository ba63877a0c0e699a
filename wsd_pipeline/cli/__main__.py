"""`python -m wsd_pipeline.cli`, the same as `wsd`."""

from wsd_pipeline.cli import main

main()
