"""The inbox judged, and files spoiled on purpose. Nothing else of this package imports this.

received     an inbox read back beside its truth
impossible   what cannot be, counted (`tables/impossible.sql`)
report       people, registers and mistakes against what they should be
drift        a file gone wrong as a whole: what a gate must notice
canaries     identities that must be found nowhere outside the vault, put in every identifying field
"""
