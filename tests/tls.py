"""One TLS context for all requests of the tests. httpx makes one for each, even of plain HTTP: 20 ms of the processor,
which a test that asks every 50 ms whether something is there yet takes away from what it waits for."""

import ssl

TLS = ssl.create_default_context()
