"""French for the rules on legal texts."""

# ruff: noqa: E501  (a rule is read best on one line)

from __future__ import annotations

from domain.intelligence.law_findings import TimeUnit
from domain.intelligence.law_words import DutyWords, Lexicon, Numbers, PenaltyWords, TimeWords

# fmt: off

NUMBERS = {
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9,
    "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16, "vingt": 20,
    "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70, "huitante": 80,
    "nonante": 90, "cent": 100, "cents": 100, "mille": 1000, "million": 1_000_000, "millions": 1_000_000,
    "milliard": 1_000_000_000, "milliards": 1_000_000_000, "et": 0,
}
ORDINALS = {
    "premier": 1, "deuxième": 2, "troisième": 3, "quatrième": 4, "cinquième": 5, "sixième": 6, "septième": 7,
    "huitième": 8, "neuvième": 9, "dixième": 10, "onzième": 11, "douzième": 12, "quinzième": 15, "vingtième": 20,
    "trentième": 30, "le": 1, "la": 1,  # dans le mois suivant
}
MONTHS = {
    "janvier": 1, "février": 2, "fevrier": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6, "juillet": 7, "août": 8,
    "aout": 8, "septembre": 9, "octobre": 10, "novembre": 11, "décembre": 12, "decembre": 12,
}
AFTER = r"(?:après|à compter|à partir|suivant(?:e?s)?|qui suivent|qui suit|à dater|à la suite|dès|courant à compter|francs? à compter|depuis)(?!\w)"
BEFORE = r"(?:avant|précédant)(?!\w)"
FILLER = (
    r"(?:[ ,]*(?:\b(?:le|la|les|un|une|des|de|du|au|aux|délais?|délai|plus|tard|maximal(?:e|um)?|maximum|supplémentaires?|nouveau|nouvelle|période|raisonnable"
    r"|tout|état|cause|ne|peut|pouvant|excéder|dépasser|excédant|dépassant|qui|saurait|être|supérieure?|inférieure?|à|est|fixé|limite|au moins|moins|total|initial|dans|premiers?|mêmes?)\b|d['\u2019]|l['\u2019]))*"
)
PERIODS = (
    (False, r"", r"(?:d['\u2019](?:emprisonnement|âge|expérience|ancienneté)|de (?:prison|réclusion|détention|service)|révolus|au moins d['\u2019]expérience)"),
    (False, r"\bau plus tôt\b[^.;]{0,30}$", r""),
    (False, r"\bconserv\w+\b[^.;]{0,60}\b(?:pendant|durant) (?:un |le |une |la )?(?:délai|durée|période)[^.;]{0,20}$", r""),
    (False, r"\b(?:réitération|récidive|(?:nouveau|même|nouvel|deuxième|second) manquement|nouvelle infraction|mêmes? faits?)\b[^.;]{0,60}$", r""),
    (False, r"\b(?:amende|sanction|pénalité|peine)s? ne (?:peut|peuvent)\b[^.;]{0,60}\bprononcée?s?\b[^.;]{0,60}$", r""),
    (False, r"\b(?:prescri(?:t|te|tes|ption|vent)|se prescri\w+)\b[^.;]{0,90}$", r""),
    (True, r"\bexpiration (?:du délai|d['\u2019]une (?:période|durée)|de la période) (?:de|d['\u2019])$", r""),
    (True, r"\b(?:ni|sans|ne|n['\u2019])\b[^.;]{0,70}\b(?:plus|au-delà) (?:de|d['\u2019])$", AFTER),
    (True, r"\b(?:au moins|minimum de|moins (?:de|d['\u2019]))$", r"(?:au moins )?" + BEFORE),
    (False, r"\b(?:âgée?s? (?:de|d['\u2019])|moins (?:de|d['\u2019])|plus (?:de|d['\u2019])|au-delà (?:de|d['\u2019]))$", r""),
    (False, r"", r"(?:au plus tôt|qui (?:précède|précèdent|ont précédé)|précédant celle)\b"),
    (False, r"\bdans la limite (?:de|des|d['\u2019])$", r""),
    (False, r"\b(?:derni(?:er|ère)s|précédent(?:e?s)?|passée?s|écoulée?s)$", r""),
    (False, r"", r"(?:précédent(?:e?s)?|derniers|passés|écoulée?s)\b"),
    (False, r"\b(?:tous les|toutes les|chaque|par)$", r""),
    (False, r"(?<!sous )\b(?:emprisonnement|réclusion|peine|détention|interdiction)\b[^.;]{0,50}$", r""),
    (True, r"\b(?:prolong|prorog|renouvel)\w*\b[^.;]{0,90}\bpour (?:une )?(?:nouvelle )?(?:durée|période) (?:maximale |supplémentaire )?(?:de|d['\u2019])$", r""),
    (True, r"\bdélais?\b[^.;]{0,90}\bportée?s? à$", r""),
    (False, r"\b(?:conserv\w+|archiv\w+|mandat|durée|valable|validité|période)\b(?:(?!\b(?:délai|dans|sous)\b)[^.;]){0,40}$", r""),
    (False, r"\b(?:pendant|durant|pour|sur)(?: (?:une?|la|les|le|plus|au|moins|période|durée|de|continue|ou|discontinue|maximale?|minimale?|environ)| d['\u2019])*$", r""),
    (True, r"\b(?:dans|sous|endéans|au plus tard|d['\u2019]ici|(?:avant|après|à) l['\u2019]expiration|à l['\u2019]issue|passé|au terme|au bout){of}$", r""),
    (True, r"\bdélai(?:s)?\b(?: (?:de|du|des|pour|d['\u2019])[^.;]{0,70})?{of}$", r""),
    (True, r"\bdélai\b[^.;]{0,110}\b(?:de|d['\u2019]|excéder|dépasser|est de|est fixé à|supérieur à|à){of}$", r""),
    (True, r"\b(?:prolong|prorog|reconduit|report|étend)\w*\b[^.;]{0,70}(?:\b(?:de|à|pour)|d['\u2019]){of}$", r""),
    (False, r"", r"en moyenne\b"),
    (True, r"", r"(?:au plus tard|au maximum|au plus)\b"),
    (True, r"\b(?:ni plus|pas plus|ne .{2,60} plus|au plus) (?:de|d['\u2019])$", AFTER),
    (True, r"\b(?:a|ont|aura|auront|dispose|disposent)(?: \w+){0,2}(?: de| d['\u2019])?$", r"pour\b"),
    (True, r"\b(?:paiement|payables?|règlement|factures?|réglée?s?)\b[^.;]{0,50}\bà$", r""),
    (True, r"\bpréavis\b[^.;]{0,80}$", r""),
    (True, r"\b(?:dispose|bénéficie|disposent)\b(?: \w+){0,3} (?:de|d['\u2019])$", r"(?:pour|à compter)\b"),
    (False, r"\b(?:au moins|moins)$", r""),
    (True, r"(?:^|[\w,;)]) ?$", r"(?:après|à compter|à partir|qui suivent|suivant)\b"),
    (True, r"(?:^|[\w,;)]) ?$", r"(?:au moins |au plus tard )?" + BEFORE),
)
DATES = (
    (False, r"\b(?:JO|JORF|Journal officiel|publiée?s?|signée?s?|fait à [\w ]+,|adoptée?s?|promulguée?s?)\b[^.;]{0,40}$", r""),
    (False, r"(?<!sont )(?<!est )(?<!être )(?<!soit )(?<!soient )\b(?:conclus?|conclues?|mis(?:es)?|engagée?s|commis(?:es)?|introduite?s|antérieure?s?|délivrée?s|construite?s|acquis(?:es)?|intervenue?s|survenue?s|née?s|existante?s?|passée?s|immatriculée?s)\b[^.;,]{0,60}\bavant le$", r""),
    (True, r"\b(?:échéance|date|terme)\b[^.;]{0,40}\bfixée?s? (?:au|le)$", r""),
    (True, r"(?:\b(?:avant|après|jusqu['\u2019]au|au plus tard|à compter|à partir|à dater|dès|d['\u2019]ici|à la date|à l['\u2019]échéance|postérieure?ment|antérieure?ment|jusqu['\u2019]à|depuis|effet|échéance|date limite|expire|limite fixée)[ :]*(?:(?:le|la|du|au|à|de|date)[ :]*){0,3})$", r""),
    (True, r"\b(?:entr(?:e|ent|era|eront|ée) en (?:vigueur|application)|en vigueur|pren(?:d|nent|dra) (?:effet|fin)|appli(?:que|quent|cable|cables)|expir\w+|effet|exigible|cess\w+|abrogée?s?|débute|commence)\b[^.;]{0,50}\b(?:le|au|du|dès le)$", r""),
    (True, r"\b(?:doit|doivent|est tenue?|sont tenue?s)\b[^.;]{0,90}\b(?:le|au)$", r""),
    (True, r"\ble$", r"(?:au plus tard)\b"),
    (False, r"\b(?:du|de|en date du)$", r""),
)

NUMBER_WORDS = Numbers(
    words=NUMBERS,
    ordinals=ORDINALS,
    months=MONTHS,
    scales={"mille": 1e3, "k": 1e3, "million": 1e6, "millions": 1e6, "m": 1e6, "milliard": 1e9, "milliards": 1e9},
)
TIME = TimeWords(
    units=(
        (r"heures?", TimeUnit.HOUR),
        (r"jours?", TimeUnit.DAY),
        (r"semaines?", TimeUnit.WEEK),
        (r"mois", TimeUnit.MONTH),
        (r"(?:années|année|ans|an)", TimeUnit.YEAR),
    ),
    working=r"(?:ouvrables?|ouvrés?|ouvré)",
    between=r"(?:calendaires?|francs?|supplémentaires?|civils?|consécutifs?|entiers?|pleins)",
    filler=FILLER,
    periods=PERIODS,
    recurring=((True, r"\b(?:tous les|toutes les|au moins tous les|au minimum tous les)$", r""),),
    again=(
        (r"\b(?:annuellement|chaque année|tous les ans|(?:une fois )?par an|chaque exercice)\b", 1, TimeUnit.YEAR),
        (r"\b(?:trimestriellement|chaque trimestre|tous les trimestres|par trimestre)\b", 3, TimeUnit.MONTH),
        (r"\b(?:mensuellement|chaque mois|tous les mois)\b", 1, TimeUnit.MONTH),
    ),
    trigger=AFTER
    + r"(?: (?:du|de la|de l['\u2019]|de|des))?|"
    + BEFORE
    + r"|(?:de la|de leur|de sa|de son|du)(?= )|de l(?=['\u2019])",
    trigger_end=r"[,;:.]| (?:et|ou|sauf|doit|peut|sans|pour|est|sont) ",
    ordinal_day=(
        r"\b(?:(?:au plus tard|avant|jusqu['\u2019]au|d['\u2019]ici)(?: le| au| à la fin du| à l['\u2019]expiration du)?|dans(?= l[ea] (?:mois|semaine) (?:suivant|qui|de (?:la|sa|cette|leur)\b|à compter|à partir))) (?P<ordinal>\d{1,3}(?:er|e|ème)|[a-zéè]+(?:ième|er)|(?<=dans )l[ea]) (?P<unit>jours?(?: ouvrables?| ouvrés?| calendaires?)?|mois|semaine)"
        r"(?= (?:suivant|après|à compter|qui suit|du mois|de (?:la|sa|cette|leur))\b)(?! suivant (?:celui de )?sa publication)"
    ),
    dates=DATES,
    dates_text=(
        r"(?<![\w.])(?:(?P<day>\d{1,2})(?:er)? (?P<month>{months}) (?P<year>\d{4})"
        r"|(?:la )?fin (?:de |du mois de |de l['\u2019]année )?(?:(?P<month3>{months}) )?(?P<year_end>(?:19|20)\d\d))(?![\w/])"
    ),
)

PENALTY = PenaltyWords(
    money={
        "euros": "EUR",
        "euro": "EUR",
        "francs suisses": "CHF",
        "francs": "CHF",
        "dollars": "USD",
        "dollar": "USD",
        "livres": "GBP",
    },
    percent=r"%|pour cent\b|p\. ?100\b",
    penal=(
        r"\b(?:amendes?|pénalités?|sanctions?|sanctionnée?s?|punie?s?|passibles?|astreintes?|emprisonnement|majorations?|majorée?s?|peines?|dommages-intérêts|contravention|délit|forfaitaire)\b"
    ),
    limit=(
        r"(?:pouvant (?:aller jusqu['\u2019]à|s['\u2019]élever (?:jusqu['\u2019])?à|atteindre)|jusqu['\u2019]à|dans la limite de|(?:ne peut |ne pouvant |ne puisse |ne saurait |ne peuvent )?(?:excéder|dépasser)|n['\u2019]excédant pas|entre|maximum de|maximale? de|au maximum|d['\u2019]un montant (?:maximal |maximum )?de|au moins|de|d['\u2019]|à)"
    ),
    rules=(
        (False, r"\b(?:chiffre d['\u2019]affaires|capital|valeur|bilan|prix|montant de la (?:transaction|facture)|opérations?|ressources|recettes|préjudice|redevance|cotisation|caution|actif|budget|subvention)\b(?:(?! ou(?: de| d['\u2019]| à)?$)[^.;,]){0,60}$", r""),
        (False, r"\b(?:supérieure?s?|inférieure?s?) (?:ou égale?s? )?à$", r"(?!.{0,60}d['\u2019]amende)"),
    ),
    no_shares=((False, r"\b(?:détien\w*|participation|capital|droits de vote|plus)\b[^.;,]{0,30}$", r""),),
    span=r"(?:à|et(?: de)?|ou|-|\u2013)",
    carry=(
        r"(?:Ce (?:montant|plafond|taux)|Cette (?:amende|sanction|somme)|Le (?:montant|maximum|plafond)|Il |Elle |En cas de |Lorsque |Ils |Ces |Pour les |Dans (?:les|ces|ce|le) (?:hypothèses?|cas) |Toutefois|La (?:peine|sanction)|Les (?:personnes morales|peines)|S['\u2019]il)"
    ),
    base=r"(?:du|de la|de l['\u2019]|de leur|de son|des|de) ?(?P<base>[a-zé][^,;:.()]{2,110})",
    multiple=(
        r"\b(?P<times>double|triple|quadruple|quintuple|décuple|(?:\d{1,2}|deux|trois|quatre|cinq|dix) fois) (?P<base>(?:du|de la|de l['\u2019]|de ce(?:tte|s)?|des|le|la|les|ce|cette|celui|l['\u2019])(?! ?taux\b) ?[^,;:.()]{2,110})"
    ),
    multiples={"double": 2, "triple": 3, "quadruple": 4, "quintuple": 5, "décuple": 10},
    per=r"(?:,? ?(?:par|pour chaque|à chaque) )(?P<per>[a-zéèà]+(?: de retard)?)",
    alternative=r"\b(?:ou|et)\b",
    whichever=r",? ?le montant le plus (?:élevé|haut|faible)(?: (?:étant|des deux étant|de ces deux montants étant))?(?: retenu| pris en compte)?|,? ?selon le montant le plus élevé",
    prison=r"\b[\w-]{1,25} (?:ans?|mois|années) d['\u2019]emprisonnement\b|\bemprisonnement (?:de|d['\u2019]une durée)[^.;]{0,40}?\b(?:ans?|mois|jours)\b",
    articles=r"\b(?:articles?|Articles?|art\.) (?P<list>(?:[LRD]\. ?)?\d[\d-]*(?:, paragraphe \d+)?(?:(?:, | et | ou | à )(?:(?:[LRD]\. ?)?\d[\d-]*))*)",
    ranges=r"à",
    other_act=r"\s?(?:du règlement \(|de la directive|du traité|du code (?!présent))",
    whole_act=r"\b(?:présent règlement|présente loi|présent code|présent chapitre|présent titre|présente section)\b",
)

ACTORS = (
    (r"responsables? (?:conjoints? )?d[ue]s? traitements?", "responsable du traitement"),
    (r"sous-traitants?", "sous-traitant"),
    (r"délégués? à la protection des données", "délégué à la protection des données"),
    (r"autorités? de contrôle", "autorité de contrôle"),
    (r"autorités? compétentes?", "autorité compétente"),
    (r"autorités? administratives?", "autorité administrative"),
    (r"États? membres?", "État membre"),
    (r"personnes? concernées?", "personne concernée"),
    (r"employeurs?", "employeur"),
    (r"salariés?", "salarié"),
    (r"professionnels?", "professionnel"),
    (r"consommateurs?", "consommateur"),
    (r"sociétés?", "société"),
    (r"entreprises?", "entreprise"),
    (r"fournisseurs?", "fournisseur"),
    (r"prestataires?", "prestataire"),
    (r"exploitants?", "exploitant"),
    (r"opérateurs?", "opérateur"),
    (r"clients?", "client"),
    (r"personnes? morales?", "personne morale"),
    (r"fabricants?", "fabricant"),
    (r"importateurs?", "importateur"),
    (r"distributeurs?", "distributeur"),
    (r"vendeurs?", "vendeur"),
    (r"acheteurs?", "acheteur"),
    (r"émetteurs?", "émetteur"),
    (r"hébergeurs?", "hébergeur"),
    (r"entités? (?:financières?|assujetties?|concernées?)", "entité"),
    (r"locataires?", "locataire"),
    (r"bailleurs?", "bailleur"),
    (r"débiteurs?", "débiteur"),
    (r"créanciers?", "créancier"),
    (r"contribuables?", "contribuable"),
    (r"données", "données"),
)
DUTY = DutyWords(
    duty=(
        r"\b(?P<verb>doit\b|doivent\b|(?:est|sont) (?:tenue?s?|obligée?s?|soumise?s? à l['\u2019]obligation) (?:de\b|d['\u2019])|ne peu(?:t|vent)\b(?=[^.;]{0,200}?\b(?:que|pas|sans|ni)\b)|il (?:incombe|appartient)\b|(?:est|sont) interdite?s?\b"
        r"|(?P<plain>veillent|exigent|prévoient|met|mettent|notifie|tient|tiennent|informe|informent|communique|communiquent|prend|prennent|fournit|fournissent|désigne|désignent|veille|veillent|consulte|documente|effectue|effectuent"
        r"|conservent?|transmet(?:tent)?|déclarent?|publient?|établit|établissent|s['\u2019]assurent?|remet(?:tent)?|rembourse(?:nt)?|convoque|adresse(?:nt)?|procède(?:nt)?|garantit|garantissent)\b)"
    ),
    others=r"(?:doit|doivent) (?:s['\u2019]entendre|être (?:entendue?s?|regardée?s?|considérée?s?))",
    actors=ACTORS,
    authorities=frozenset(
        {
            "Commission", "autorité administrative", "autorité compétente", "autorité de contrôle", "comité",
            "État membre",
        }
    ),
    subject=r"(?:^|[,;:] |\) )(?P<subject>(?:[Ll]e|[Ll]a|[Ll]es|[Ll]['\u2019]|[Uu]n|[Uu]ne|[Cc]haque|[Tt]oute?|[Tt]ous les) ?[^,;:()]{1,90}?) (?:en |ne |lui |y |les? |se )*$",
    party=r"(?:quiconque|personnes?|dirigeants?|membres?|titulaires?|auteurs?)",
    relays=r"(?: à ce)? que\b|(?: à ce)? qu(?=['\u2019])",
    agent=r"\bpar (?:le|la|les|l['\u2019]|un|une) ?$",
    acts=(
        r"(?:[Rr]èglement \((?:UE|CE)\)(?: n[o°])? ?\d{1,4}/\d{1,4}|[Dd]irective \d{2,4}/\d{1,4}/[CU]E|[Ll]oi n[o°] ?\d{2,4}-\d{1,5}"
        r"|\bcode (?:de commerce|pénal|civil|du travail|monétaire et financier|de la consommation|général des impôts))"
    ),
)

FRENCH = Lexicon(
    language="fr",
    function_words=frozenset(
        {
            "au", "aux", "ce", "cette", "d", "dans", "de", "des", "du", "en", "est", "et", "il", "l", "la", "le",
            "les", "ne", "ou", "par", "pas", "pour", "que", "qui", "son", "sont", "sur", "un", "une", "à",
        }
    ),
    numbers=NUMBER_WORDS,
    time=TIME,
    penalty=PENALTY,
    duty=DUTY,
)
