"""The probabilistic engine: what deterministic rules leave, scored over integer codes.

    mapping     what a stranger's columns mean          reading     a file's mapped columns, as text
    cleaning    written values made comparable          coder       values to tokens, and near names
    coding      distinct values to integers             levels      how alike two records are, field by field
    meeting     rows that agree in several columns      passes      deterministic passes, before scoring
    blocking    which pairs are compared                near        which names are one edit apart
    comparing   the levels of many pairs, on all cores  sampling    some of many records, random pairs
    frequency   chance agreement (u), frequency bands   em          m, households and class sizes
    assign      rivals weighed, one-to-one, margin      model       what was learned, as a versioned file
    task, engine  one run
    files       files in, links out                     measures    links against a truth
    seam        step 5 of the borough's cascade         settings    the one set of defaults

Method: Fellegi and Sunter's weights; levels packed into one integer a pair; EM over patterns and their counts with
a latent household class; u measured among pairs known to be two people; probabilities that compete.
"""
