"""Log lines: a JSON object each, on stdout, from a service and from the libraries it uses."""

from .logger import Logger, bind_request_id, configure_logging, get_logger

__all__ = ["Logger", "bind_request_id", "configure_logging", "get_logger"]
