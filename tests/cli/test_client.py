"""Whom the CLI trusts."""

import ssl

from corral_cli.client import trusted


def test_a_hub_with_tls_is_held_to_the_certificates_of_the_world() -> None:
    assert trusted("https://hub.example.org") is True


def test_without_tls_no_certificate_is_loaded_and_none_would_do() -> None:
    trust = trusted("http://127.0.0.1:8000")
    assert isinstance(trust, ssl.SSLContext)
    assert trust.cert_store_stats()["x509"] == 0
    assert trust.verify_mode is ssl.CERT_REQUIRED
    assert trust.check_hostname
