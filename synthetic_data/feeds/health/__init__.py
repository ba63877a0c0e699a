"""Files of health services.

registrations        practice lists;  gp_coded: conditions and checks;  appointments: with practices
hospital             episodes;  emergency: attendances;  outpatients: appointments
mental_health        six files of the mental health trust;  community: three of community health
maternity            pregnancies and babies;  talking_therapies: referrals
registrars           deaths and births
patients             what these files share: how patients are known, references, months of submissions
month                those beside practices' lists, wards and emergency departments, together
"""
