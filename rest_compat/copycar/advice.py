"""What a client can do about each error: the pages that `documentation_url` points to."""

from __future__ import annotations

from collections.abc import Mapping

ADVICE: Mapping[str, str] = {
    "INVALID_API_KEY": "The request carried no credential, or its API key or secret is wrong, expired, revoked, or "
    "made for another product. Send X-API-Key (with X-API-Secret where your client demands it), and check that both "
    "belong to the same client.",
    "INVALID_TOKEN": "The bearer token is wrong, expired or revoked, or an API key was sent in its place. Get a new "
    "one at auth/token; a key belongs into X-API-Key.",
    "INSUFFICIENT_PERMISSIONS": "The credential is in force but may not do this: its scopes (ultimate:read, "
    "ultimate:write) or the role of its user do not allow it, or it is confined to other network addresses.",
    "RATE_LIMIT_EXCEEDED": "The client has used up its requests. Wait for the seconds in Retry-After, or until "
    "details.reset_time; the window begins anew on the clock's hour.",
    "QUOTA_EXCEEDED": "The tokens of this month are used up. They begin anew on the first of the month, UTC, which "
    "details.reset_time names.",
    "INVALID_REQUEST": "The request could not be taken as it is: nothing is at this path, the method or the media type "
    "is not served here, the body is too large, too slow or no JSON object, or an Idempotency-Key was used for another "
    "request. The message says which.",
    "MISSING_REQUIRED_FIELD": "Something that has to be sent was not; details names it.",
    "INVALID_FIELD_VALUE": "A value is not one that can be taken; details says which, and what was expected.",
    "ACCOUNT_NOT_FOUND": "No account of your organization has this id.",
    "CAMPAIGN_NOT_FOUND": "No campaign of your organization has this id.",
    "CONTENT_NOT_FOUND": "No content of your organization has this id. The routes of this version take no such id; the "
    "code is kept for programs that switch on it.",
    "PROCESSING_FAILED": "Something went wrong on the server, which has been logged with the request_id. Trying again "
    "may help; if it does not, ask for support.",
    "AI_SERVICE_UNAVAILABLE": "Something the request depends on does not answer at the moment. Try again in a while, "
    "waiting longer each time.",
    "TIMEOUT": "The request took longer than it may. A research goes on by itself: details.research_id names it, and "
    "GraphQL tells what became of it. Otherwise try again, or ask for less at once.",
}
"""By code, in the order of the documentation's list."""
