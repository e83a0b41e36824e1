"""CRM-Ultra API v1 (document version 2.0), as documented."""
