"""A flow register of a project's own, made from the shipped one."""

from __future__ import annotations

from typing import Any

import yaml

from wsd_pipeline.flows import FILE_NAME, SHIPPED
from wsd_pipeline.settings import Project


def shipped() -> dict[str, Any]:
    """The shipped register, as YAML has it."""
    found: dict[str, Any] = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    return found


def put_register(project: Project, *, is_invented: bool = False, **flows: dict[str, Any]) -> None:
    """Write the project's own register: the shipped flows, with what is given of each by its `flow_id` put in place."""
    register = shipped() | {"is_invented": is_invented}
    register["flows"] = [
        flow | flows.get(flow["flow_id"], {}) for flow in register["flows"] if is_invented or flow["sources"] != ["*"]
    ]
    (project.root / FILE_NAME).write_text(yaml.safe_dump(register, sort_keys=False), encoding="utf-8")
