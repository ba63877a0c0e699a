"""Files of the council, and of others about homes and schools.

social_care          the Client Level Data;  childrens_care: five files of children's social care
schools              pupils on roll;  plans: the SEN2 return;  measurements: of children, once a year
tenancies            tenants;  housing_need: the register and adaptations;  homeless: people and placements
revenues             council tax accounts and claimants;  personalised: products of personalised care
gazetteer            every address of the borough
clients              what these files share: places, groups, references, rows sent twice
month                those beside care, schools and tenancies that are due, together
"""
