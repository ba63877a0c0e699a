"""Health services used: by need, age, deprivation and what happened before.

hospital           who is admitted and when;  spells: those that can be, their episodes;  stay_codes: their codes
emergency          attendances, on the way into hospital or not
appointments       with practices;  outpatients: at hospitals
gp_checks          what practices record beside diagnoses
mental_health      teams, contacts, wards, the Mental Health Act
community          teams and contacts;  talking_therapies: referrals, courses and what came of them
registrars         what registers say of deaths and births
when               when things happen, and where people live and are registered then
month              those beside hospitals and emergency departments, in the order in which a month passes
"""
