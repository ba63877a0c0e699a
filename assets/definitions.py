"""The code location named by workspace.yaml. Loading it needs no project and touches no data."""

import dagster as dg

from assets.jobs import monthly_refresh
from assets.landed import vault_assets
from assets.linked import linked_assets
from assets.mart import mart_assets
from assets.person import person_assets
from assets.pseudo import pseudo_assets
from assets.release import release_assets
from assets.resources import NothingKept, project_session
from assets.segment import segment_assets
from assets.sensors import file_drop, monthly

defs = dg.Definitions(
    assets=[
        *vault_assets(),
        *pseudo_assets(),
        *linked_assets(),
        *person_assets(),
        *segment_assets(),
        *mart_assets(),
        *release_assets(),
    ],
    jobs=[monthly_refresh],
    sensors=[file_drop],
    schedules=[monthly],
    resources={"project": project_session, "io_manager": NothingKept()},
    executor=dg.in_process_executor,
)
