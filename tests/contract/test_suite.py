"""The suite's own check, without a service: every sentence is shown by a test or elsewhere."""

import socket
from pathlib import Path
from typing import Any

import pytest

from suite.coverage import named_in
from suite.openapi import OpenApi, Operation
from suite.places import CannotFill, places_of
from suite.plugin import ContractPlugin
from suite.receiver import Receiver


def test_every_sentence_is_accounted_for(pytestconfig: pytest.Config) -> None:
    plugin = pytestconfig.pluginmanager.get_plugin("contract")
    assert isinstance(plugin, ContractPlugin)
    assert plugin.coverage.problems(named_in(Path(__file__).parent)) == []


def test_a_call_whose_sender_died_before_its_end_did_not_arrive() -> None:
    head = "POST {} HTTP/1.1\r\nHost: receiver\r\nContent-Length: {}\r\n\r\n"
    with Receiver() as receiver:
        mailbox = receiver.mailbox()
        port, path = mailbox.url.removeprefix("http://127.0.0.1:").split("/", 1)
        for length in (9, 2):
            with socket.create_connection(("127.0.0.1", int(port))) as sender:
                sender.sendall(head.format(f"/{path}", length).encode() + b"{}")
                sender.shutdown(socket.SHUT_WR)
                sender.recv(1000)
        assert [call.body for call in mailbox.calls] == [b"{}"]


def test_an_operation_that_cannot_be_aimed_at_another_tenant_is_an_error() -> None:
    uuid = {"type": "string", "format": "uuid"}
    text = {"type": "string"}
    nested = {"type": "object", "properties": {"rows": {"type": "array", "items": uuid}}}
    for path, parameters, body in (
        ("/x", [("search", "query", text)], None),
        ("/x", [("X-Row", "header", uuid)], None),
        ("/x", [("session", "cookie", text)], None),
        ("/x/{name}", [("name", "path", text)], None),
        ("/x/{id}/y/{other}", [("id", "path", uuid), ("other", "path", uuid)], None),
        ("/x", [], nested),
    ):
        with pytest.raises(CannotFill):
            places_of(*_operation(path, parameters, body))
    known = [("id", "path", uuid), ("cursor", "query", text), ("X-Account-Id", "header", uuid)]
    flat = {"type": "object", "properties": {"rowId": uuid, "note": text}}
    assert places_of(*_operation("/x/{id}", known, flat)).references == ["rowId"]


def _operation(
    path: str, parameters: list[tuple[str, str, dict[str, str]]], body: dict[str, Any] | None
) -> tuple[OpenApi, Operation]:
    spec: dict[str, Any] = {
        "parameters": [
            {"name": name, "in": where, "schema": schema} for name, where, schema in parameters
        ]
    }
    if body is not None:
        spec["requestBody"] = {"content": {"application/json": {"schema": body}}}
    api = OpenApi({"paths": {f"/api{path}": {"post": spec}}}, "/api", "none")
    return api, next(api.operations())
