"""The vault of the tests."""

from gateway.vault import FernetVault

VAULT = FernetVault(["a secret of the tests and nobody else"])
