"""What can go wrong here.

DevError
├── ToolMissing      a program that this machine must have
├── ProgramFailed    one of our programs ended or could not start
├── NotReady         something did not become ready in time
├── SupervisorLost   the process that owns our programs is gone
├── ClientFailed     a command line client answered with an error
│   ├── KubectlError
│   └── HelmError
└── ApiError         an HTTP API answered with an error
"""

from __future__ import annotations


class DevError(Exception):
    """Base of every error that a caller may show to a person as it is."""


class ToolMissing(DevError):
    """Names the program and how to get it."""


class ProgramFailed(DevError):
    """A program ended that should run, or ended with another code than 0."""

    def __init__(self, program: str, code: int | None, log_tail: str) -> None:
        self.program = program
        self.code = code
        self.log_tail = log_tail
        if code is None:
            super().__init__(f"{program} could not be started: {log_tail}")
        else:
            tail = log_tail or "(empty)"
            super().__init__(f"{program} ended with code {code}; the end of its log:\n{tail}")


class NotReady(DevError):
    def __init__(self, what: str, seconds: float) -> None:
        super().__init__(f"waited {seconds:.0f} s in vain for {what}")


class SupervisorLost(DevError):
    """The supervisor was killed; its programs died with it."""


class ClientFailed(DevError):
    """A client that ran to its end and complained."""

    program = ""

    def __init__(self, arguments: tuple[str, ...], code: int, stderr: str) -> None:
        self.code = code
        self.stderr = stderr
        words = " ".join((self.program, *arguments))
        super().__init__(f"{words}: {stderr.strip() or f'exit code {code}'}")


class KubectlError(ClientFailed):
    program = "kubectl"


class HelmError(ClientFailed):
    program = "helm"


class ApiError(DevError):
    def __init__(self, request: str, status: int, message: str) -> None:
        self.status = status
        self.message = message
        super().__init__(f"{request}: {status} {message}")
