"""What was true, written apart from the files, for tests and measures only: the pipeline never reads it.

    month       who each record is of, what people are like, which mistakes were put in
    realised    what came of the facts planted;  access: of those about access to health services

Imports world, services and feeds.
"""
