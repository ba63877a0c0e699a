"""The clusters of coded events that `gp__conditions` is made of: what each records, and the unit of its value.

Cluster ids are those of NHS England's primary-care (PCD) reference sets where the project could verify them; the ones
marked local name what a practice records and no verified id exists for. An extract may hold more clusters than these;
models read only the ones they name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Cluster:
    """A group of codes that mean one thing; `unit` and the bounds are of its value, where its rows carry one."""

    words: str
    is_local: bool = False
    unit: str | None = None
    low: float | None = None
    high: float | None = None


def _measured(words: str, unit: str, low: float, high: float, *, is_local: bool = False) -> Cluster:
    return Cluster(words, is_local, unit, low, high)


REGISTERS: Mapping[str, Cluster] = {
    "AFIB_COD": Cluster("atrial fibrillation"),
    "AST_COD": Cluster("asthma"),
    "ASTTRT_COD": Cluster("asthma drug prescribed"),
    "CAN_COD": Cluster("cancer"),
    "CHD_COD": Cluster("coronary heart disease"),
    "CKD_COD": Cluster("chronic kidney disease, by stage"),
    "COPD_COD": Cluster("chronic obstructive pulmonary disease"),
    "CVDPP_COD": Cluster("primary prevention of cardiovascular disease"),
    "DEM_COD": Cluster("dementia"),
    "DEPR_COD": Cluster("depression"),
    "DM_COD": Cluster("diabetes"),
    "NDH_COD": Cluster("non-diabetic hyperglycaemia"),
    "EPIL_COD": Cluster("epilepsy"),
    "EPILTRT_COD": Cluster("epilepsy drug prescribed"),
    "HF_COD": Cluster("heart failure"),
    "HYP_COD": Cluster("hypertension"),
    "LD_COD": Cluster("learning disability"),
    "MH_COD": Cluster("schizophrenia, bipolar disorder and other psychoses"),
    "OSTEO_COD": Cluster("osteoporosis"),
    "PAD_COD": Cluster("peripheral arterial disease"),
    "RARTH_COD": Cluster("rheumatoid arthritis"),
    "STRK_COD": Cluster("stroke"),
    "TIA_COD": Cluster("transient ischaemic attack"),
    "PALCARE_COD": Cluster("palliative care"),
    "MILDFRAIL_COD": Cluster("mild frailty"),
    "MODFRAIL_COD": Cluster("moderate frailty"),
    "SEVFRAIL_COD": Cluster("severe frailty"),
    "AUTISM_COD": Cluster("autism"),
}
"""Conditions: a person is on the register while an entry is not resolved."""

RESOLVING: Mapping[str, Cluster] = {
    "AFIBRES_COD": Cluster("atrial fibrillation resolved"),
    "ASTRES_COD": Cluster("asthma resolved"),
    "DMRES_COD": Cluster("diabetes resolved"),
    "HYPRES_COD": Cluster("hypertension resolved"),
    "DEPRES_COD": Cluster("depression resolved"),
    "MHREM_COD": Cluster("severe mental illness in remission: still on the register"),
}
"""Codes that say an earlier condition is over, where an extract has them beside `resolved_date`."""

MEASURES: Mapping[str, Cluster] = {
    "BMI30_COD": _measured("body mass index of 30 or more", "kg/m2", 30, 90),
    "BMIVAL_COD": _measured("body mass index", "kg/m2", 10, 90),
    "BP_COD": _measured("blood pressure: systolic 271649006, diastolic 271650006", "mmHg", 30, 280),
    "IFCCHBAM_COD": _measured("HbA1c", "mmol/mol", 15, 200),
    "CHOL2_COD": _measured("total cholesterol", "mmol/L", 1, 20),
    "EGFR_COD": _measured("estimated glomerular filtration rate", "mL/min/1.73m2", 1, 150),
    "ACR_COD": _measured("urine albumin to creatinine ratio", "mg/mmol", 0, 1000),
    "EFI_COD": _measured("electronic frailty index", "1", 0, 1, is_local=True),
    "QRISK_COD": _measured("ten-year cardiovascular risk", "%", 0, 100),
    "ALCAUDITC_COD": _measured("alcohol: AUDIT-C score", "score", 0, 12, is_local=True),
    "PAM_COD": _measured("patient activation measure", "score", 0, 100, is_local=True),
}
"""Measurements: the latest counts; `value` and `unit` are filled."""

CHECKS: Mapping[str, Cluster] = {
    "LSMOK_COD": Cluster("smokes"),
    "EXSMOK_COD": Cluster("has given up smoking"),
    "NSMOK_COD": Cluster("has never smoked"),
    "SMOKADV_COD": Cluster("advised to stop smoking, or offered treatment", is_local=True),
    "SMOKREF_COD": Cluster("referred to a stop-smoking service", is_local=True),
    "FRC_COD": Cluster("diabetic foot examined"),
    "RETSCR_COD": Cluster("diabetic retinopathy screened", is_local=True),
    "STAT_COD": Cluster("statin prescribed"),
    "DSEPREF_COD": Cluster("referred to structured education for diabetes", is_local=True),
    "DSEPATT_COD": Cluster("attended structured education for diabetes", is_local=True),
    "NHSHCINV_COD": Cluster("NHS Health Check offered", is_local=True),
    "NHSHCDONE_COD": Cluster("NHS Health Check done", is_local=True),
    "LDHC_COD": Cluster("annual health check of people with a learning disability", is_local=True),
    "FLUVAC_COD": Cluster("influenza vaccination", is_local=True),
    "MMR1_COD": Cluster("measles, mumps and rubella vaccination, first dose", is_local=True),
    "MMR2_COD": Cluster("measles, mumps and rubella vaccination, second dose", is_local=True),
    "LARCIMP_COD": Cluster("contraceptive implant", is_local=True),
    "LARCIUS_COD": Cluster("intrauterine system", is_local=True),
    "LARCIUD_COD": Cluster("intrauterine device", is_local=True),
    "LARCINJ_COD": Cluster("contraceptive injection", is_local=True),
    "CONTRAPILL_COD": Cluster("contraceptive pill", is_local=True),
    "SOCPRESREF_COD": Cluster("referred to social prescribing", is_local=True),
    "SOCPRESDEC_COD": Cluster("declined social prescribing", is_local=True),
    "PCSP_COD": Cluster("personalised care and support plan agreed", is_local=True),
    "VISIMP_COD": Cluster("sight impairment", is_local=True),
    "HEARIMP_COD": Cluster("hearing impairment", is_local=True),
    "AIS_COD": Cluster("accessible information needed", is_local=True),
}
"""Checks done, advice given, vaccinations, contraception, plans and needs."""

CLUSTERS: Mapping[str, Cluster] = {**REGISTERS, **RESOLVING, **MEASURES, **CHECKS}


def out_of_bounds() -> str:
    """SQL that is true of a row whose value cannot be one of its cluster: an HbA1c in per cent, a height for a weight."""
    kinds = [
        f"(cluster_id = '{name}' and value not between {kind.low} and {kind.high})"
        for name, kind in CLUSTERS.items()
        if kind.unit is not None
    ]
    return " or ".join(kinds)


LARC = ("LARCIMP_COD", "LARCIUS_COD", "LARCIUD_COD", "LARCINJ_COD")
DIABETES_PROCESSES = ("IFCCHBAM_COD", "BP_COD", "CHOL2_COD", "EGFR_COD", "ACR_COD", "FRC_COD", "BMIVAL_COD", "smoking")
SMI_CHECKS = ("BMIVAL_COD", "BP_COD", "IFCCHBAM_COD", "CHOL2_COD", "ALCAUDITC_COD", "smoking")
SMOKING = ("LSMOK_COD", "EXSMOK_COD", "NSMOK_COD")  # any of them is `smoking` above
