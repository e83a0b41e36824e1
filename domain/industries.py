"""Industries by the many names they go by: what one product calls technology is software development in another."""

from __future__ import annotations

from functools import lru_cache

_GROUPS: dict[str, str] = {
    "technology": "tech, software, software development, computer software, saas, information technology, it, "
    "it services, information technology and services, internet, cloud computing, artificial intelligence, "
    "computer hardware, semiconductors, cybersecurity, computer and network security, data analytics, fintech",
    "finance": "financial services, financial, banking, bank, investment banking, investment management, "
    "capital markets, insurance, asset management, payments, accounting, venture capital, private equity, fintech",
    "insurance": "insurtech, insurance services, reinsurance",
    "healthcare": "health care, health, hospitals, hospitals and health care, hospital & health care, medical, "
    "medical practice, medical devices, biotechnology, pharmaceuticals, pharma, life sciences, dental",
    "pharmaceuticals": "pharma, pharmaceutical, pharmaceutical manufacturing, biotechnology, biotech, life sciences",
    "retail": "e-commerce, ecommerce, online retail, consumer goods, supermarkets, wholesale, apparel and fashion",
    "manufacturing": "industrial, industry, machinery, automotive, electronics, robotics, aerospace, chemicals, "
    "industrial machinery manufacturing, electrical and electronic manufacturing",
    "energy": "oil and gas, oil & gas, utilities, renewables, renewable energy, electricity, power, mining",
    "telecommunications": "telecom, telecoms, telco, wireless",
    "media": "entertainment, publishing, advertising, advertising services, broadcasting, marketing, news, gaming",
    "education": "schools, higher education, e-learning, edtech, universities, training",
    "logistics": "transportation, transport, shipping, supply chain, freight, airlines, aviation, "
    "transportation and logistics, maritime",
    "construction": "building, civil engineering, architecture, building materials",
    "real estate": "property, property management, commercial real estate",
    "hospitality": "hotels, tourism, travel, restaurants, leisure, food service",
    "agriculture": "farming, food production, food and beverages, food & beverage, forestry, fishing",
    "legal services": "legal, law, law practice, law firms",
    "government": "public sector, public administration, defense, military",
    "nonprofit": "non-profit, ngo, charity, nonprofit organizations",
    "professional services": "consulting, management consulting, business consulting, human resources, staffing",
}
_MEMBERS = {name: frozenset({name, *(each.strip() for each in words.split(", "))}) for name, words in _GROUPS.items()}
# These hold a comma of their own.
_MEMBERS["technology"] |= {"technology, information and internet", "technology, information and media"}


@lru_cache(maxsize=4096)
def alike(industry: str) -> tuple[str, ...]:
    """Everything an industry may be called by others, in lower case: itself, and the names of its groups.

    Two names mean the same when both stand in one group.
    """
    own = " ".join(industry.lower().split())
    found = {own}
    for members in _MEMBERS.values():
        if own in members:
            found |= members
    return tuple(sorted(found))
