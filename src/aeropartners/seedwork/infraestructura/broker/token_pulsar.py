"""The token for Pulsar, read again at each use because it may have been renewed."""

from collections.abc import Callable, Generator

import httpx
import structlog

log = structlog.get_logger(__name__)


class Portador(httpx.Auth):
    """Adds the present token to each HTTP request, if there is one."""

    def __init__(self, token: Callable[[], str]) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the Authorization header."""
        if token := self._token():
            request.headers["Authorization"] = f"Bearer {token}"
        yield request


class TokenLegible:
    """The present token, or the last one that could be read: the library's threads must get no exception."""

    def __init__(self, token: Callable[[], str]) -> None:
        self._token = token
        self._ultima = token()

    def __call__(self) -> str:
        try:
            self._ultima = self._token()
        except OSError as error:
            log.error("token_de_pulsar_ilegible", error=str(error))
        return self._ultima
