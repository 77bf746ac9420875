"""The one HTTP client of the tests: to make one for each request, as `httpx.get` does, takes 25 ms of CPU."""

import httpx

# Nothing is kept open: a process that a test kills leaves no half-dead connection to be used again.
RED = httpx.Client(limits=httpx.Limits(max_keepalive_connections=0), trust_env=False)
