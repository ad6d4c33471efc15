"""From this work tree to a running service: generate, set up, boot. What the demo, the live tests
and whatever else needs a real service share. It knows the make targets and the environment
variables of the service contract, and nothing of any stack."""

from .gate import Gate
from .processes import Process, ProcessFailed
from .project import ROOT, Project, StageFailed
from .service import Service, start_services

__all__ = [
    "ROOT",
    "Gate",
    "Process",
    "ProcessFailed",
    "Project",
    "Service",
    "StageFailed",
    "start_services",
]
