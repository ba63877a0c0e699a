"""The council's services used, each begun on the eve of the first month and then lived through.

social_care        who asks and what follows;  long_term_care: services that stay open;  carers: unpaid carers
reablement         after a stay in hospital (planted);  care_lists: the words of the Client Level Data
childrens_care     episodes of children's social care;  childrens_lists: their kinds and code lists
schools            pupils, special educational needs;  plans: requests for plans;  measurements: heights, weights
tenancies          of council and housing association homes
homeless           cases, duties and temporary homes
housing_need       the register and adaptations;  bedrooms: the bedroom standard
revenues           benefit claims of households that have little
personalised       budgets, payments and other products of personalised care
month              those beside care, schools and tenancies, begun and lived through together
"""
