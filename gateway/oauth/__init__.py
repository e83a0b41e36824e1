"""The OAuth 2.0 authorization server: Authlib is the protocol, this is its storage and its HTTP (decision 0013)."""
