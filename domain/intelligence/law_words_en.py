"""English for the rules on legal texts."""

# ruff: noqa: E501  (a rule is read best on one line)

from __future__ import annotations

from domain.intelligence.law_findings import TimeUnit
from domain.intelligence.law_words import DutyWords, Lexicon, Numbers, PenaltyWords, TimeWords

# fmt: off

NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000,
    "and": 0, "a": 1, "an": 1,
}
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "twentieth": 20,
    "twenty-first": 21, "thirtieth": 30, "forty-fifth": 45, "sixtieth": 60, "ninetieth": 90,
}
MONTHS = {
    "january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "mar": 3, "april": 4, "apr": 4, "may": 5, "june": 6,
    "jun": 6, "july": 7, "jul": 7, "august": 8, "aug": 8, "september": 9, "sept": 9, "sep": 9, "october": 10,
    "oct": 10, "november": 11, "nov": 11, "december": 12, "dec": 12,
}
AFTER = (
    r"(?:after|following|from|of|counted from|calculated from|starting|beginning|commencing|subsequent to|since|as from)\b"
    r"(?! age\b| experience\b| imprisonment\b| service\b)"
)
BEFORE = r"(?:before|prior to|in advance|beforehand|ahead of|preceding)\b"
PURPOSE = r"(?:to|in which to|within which|for (?:\w+ing|the|a|an|payment)|during which)\b"

FILLER = (
    r"(?:[ ,]*\b(?:a|an|the|such|that|this|those|any|said|each|of|its|another|additional|further|first|initial|total|overall"
    r"|maximum|minimum|time[- ]?limits?|periods?|terms?|deadlines?|limits?|time[- ]?frames?|time[- ]?lines?|time|window|reasonable|next"
    r"|up to|(?:not|no) (?:to exceed|exceeding|longer than|more than|later than|greater than|less than|fewer than|exceed)|approximately"
    r"|about|at least|at most|at the latest|not|extra|specified|prescribed|single|one-time|in no event|in any event|no|more|later|than))*"
)
LATEST = (
    r"\b(?:(?:in )?(?:no|any) (?:case|event) (?:\w+ ){0,4}(?:later|more) than|within|inside(?: of)?|(?:not|no|nor) later than"
    r"|not \w+ later than|later of|earlier of|at the latest(?: by| within| on| in)?|latest within|latest by"
    r"|(?:deadline|time[- ]?limit|time[- ]?frame|cure period|grace period|notice period) (?:of|is|shall be)"
    r"|in (?:under|less than)|(?:before|prior to|by|at|until|upon|on|after) the (?:end|expiry|expiration|close|conclusion|lapse) of"
    r"|(?:before|prior to|by|upon|on|after) (?:expiry|expiration) of)"
)
EXTENDED = (
    r"\b(?:extend|prolong|postpon|defer|delay|lengthen|enlarg)\w*\b(?:[^.;]{0,80}?)\b(?:by|for|of|to|than|up to|an)"
    r"{of}$"
)
PERIODS = (
    # Ages, terms of prison or office, experience and validity are no deadlines; nor is what lies in the past.
    (False, r"", r"(?:of age|old|olds|of imprisonment|imprisonment|in prison|in jail|of experience|experience|of service)\b"),
    (False, r"\b(?:preceding|previous|past|last|prior|recent|elapsed)$", r""),
    (False, r"\b(?:aged?|(?<!in )under|below|attained|reached)(?: the age of)?$", r""),
    (False, r"\b(?:imprison\w*|prison|jail|custody|sentenc\w*|incarcerat\w*)\b[^.;]{0,60}$", r""),
    (False, r"\b(?:every|each|per|once in|once every|intervals of|interval of)(?: period of)?$", r""),
    (False, r"\b(?:at least|not less than|less often than|frequently than)(?: once)? (?:every|each|per|in(?: any)?)$", r""),
    (False, r"\b(?:within|in|during|over|for) any(?: given| consecutive| rolling)?$", r""),
    (False, r"\bwithin (?:a|the|each)$", r"(?:period|window) (?:preceding|prior|before|ending)\b"),
    (False, r"", r"(?:immediately )?(?:preceding|prior to the date|last preceding|before the date of the (?:offence|application))\b"),
    (False, r"", r"(?:on (?:the )?average|in the aggregate|averaging)\b"),
    (False, r"\b(?:actions?|suits?|prosecutions?)\b[^.;]{0,90}\b(?:brought|commenced|instituted|barred|maintained|filed)\b[^.;]{0,30}\bwithin{of}$", r"(?:after|from|of)\b"),
    (False, r"\b(?:limitation (?:period|of action)s?|statute of limitations|period of limitation|limitation period)\b[^.;]{0,60}$", r""),
    (False, r"\boccur(?:s|ring)? within{of}$", r"(?:of|after|before) "),
    (True, r"\b(?:in|within)$", r"or (?:fewer|less|sooner)\b"),
    (True, r"\bbefore$", r"(?:have|has) (?:passed|elapsed|expired|gone by)\b"),
    (True, r"\bmaximum total(?: duration| period| time)? of$", r""),
    (True, r"\b(?:correct|cur|remed|remov|pa[iy]|repa|compl|refund)\w*\b[^.;]{0,40}\bduring (?:the|a)$", r"period (?:beginning|commencing|starting|following|after)\b"),
    (True, r"\b(?:request|exercise|withdraw|cancel|object|appeal|dispute|contest|terminate)\w*\b[^.;]{0,60}\bfor a period of$", AFTER),
    (True, r"\b(?:due|payable|paid|net|invoiced?)(?: \w+){0,3}? (?:in|at|net)$", r""),
    (True, r"\b(?:due|payable|net)$", r"(?:after|from|following|net)\b"),
    (False, r"\b(?:at the earliest|not before|(?:continuous|uninterrupted|consecutive) period of(?: not less than| at least)?)$", r""),
    (False, r"\b(?:first|second|third|fourth|fifth|sixth|seventh|subsequent|repeat(?:ed)?|another|further|two or more|previous|prior) (?:offen[cs]e|violation|conviction|infringement)s?(?: \w+)? within{of}$", r""),
    (False, r"\b(?:more|less) (?:often |frequently )?than (?:once|twice|\w+ times)\b[^.;]{0,60}$", r""),
    (False, r"\bwithin(?: the| a period of| a)?$", r"(?:period )?(?:immediately )?(?:prior to|before) the (?!expir|end|terminat|renew|effective|start|commenc|begin|meeting|date|close|hearing|due|deadline)"),
    (False, r"\b(?:validity|certificates?|licen[cs]es?|terms? of office|mandate|term of|patents?|copyright|membership)\b[^.;]{0,90}\b(?:extend|renew|prolong)\w*\b[^.;]{0,50}$", r""),
    (False, r"\bdelay\w*\b[^.;]{0,70}\bat least$", r""),
    (False, r"\b(?:earlier|sooner) than$", r"(?:after|following|from)\b"),
    (True, LATEST + r"{of}$", r""),
    (True, EXTENDED, r""),
    (True, r"\b(?:period|time[- ]?limit|deadline)\b[^.;]{0,80}\b(?:reduced|shortened|limited) (?:to|by){of}$", r""),
    (True, r"\bextend\w*(?: (?:the|that|such|this|an?))?(?: \w+)?$", r"period\b"),
    (True, r"\b(?:extension|extensions)\b[^.;]{0,40}?\b(?:of|for|to|exceed|than){of}$", r""),
    (False, r"\b(?:wait(?:ing)?|remain\w*|retain\w*|retention|preserv\w*|stor(?:ed?|age|ing)|maintain\w*|valid\w*|archiv\w*)\b[^.;]{0,70}$", r""),
    (False, r"\b(?:keep|kept|term of office|duration|renewable|appointed|elected)\b[^.;]{0,70}$", r""),
    (False, r"\b(?:for|during|over|throughout|ending|lasting){of}$", r"(?!(?:prior |advance |written )*notice)"),
    (False, r"\buntil$", r""),
    (True, r"\b(?:has|have|had|having|given|gives?|allow(?:s|ed|ing)?|afford(?:s|ed)?|grant(?:s|ed)?|receive[sd]?|takes?|provided?s?)(?: [\w-]+){0,18}?{of}$", rf"(?:\w+ )?(?:period )?(?:{PURPOSE}|{AFTER}|days?)|additional"),
    (True, r"", r"(?:period )?(?:['\u2019]s?|s['\u2019])? ?(?:prior |advance |written |previous |public |of |and )*notice\b"),
    (True, r"\b(?:unlawful|prohibited|in no case|no case|no event|(?:shall|may|must) not)\b[^.;]{0,110}\bmore than$", AFTER),
    (False, r"(?<!no )(?<!not )\bmore than$", r""),
    (True, r"\b(?:at least|(?:not|no) (?:less|fewer|later) than|minimum of|within)(?: a period of)?$", BEFORE),
    (True, r"\b(?:fil(?:e|ed)|submit\w*|notif\w*|given?|lodg(?:e|ed)|made|serv(?:e|ed)|deliver\w*|publish\w*|post(?:ed)?|sen[dt]|inform\w*|provid\w*|pa(?:y|id)|appl\w+|request\w*)(?: [\w'\u2019-]+){0,4}$", BEFORE),
    (True, r"\b(?:period|deadline|time|notice|delay|payment|feedback|response|reply|answer|cure)\b[^.;]{0,90}\b(?:not (?:be )?|no |never |cannot )(?:exceed|exceeding|more than|longer than)$", r""),
    (True, r"\b(?:exceeding|(?:not|no) (?:more|longer) than|up to|maximum of|at most)$", AFTER),
    (True, r"\b(?:a|an|the|such|that|this|such a)$", rf"period (?!of (?!receipt|the date|notice|submission|filing|becoming))(?:{PURPOSE}|{AFTER}|(?:(?:described|referred to|specified|provided|mentioned)\b[^.;]{{0,70}} )?(?:may|shall|will|can) be extended|has (?:expired|elapsed)|expires?|ends?)"),
    (True, r"\bexpires? after$", r""),
    (True, r"\b(?:period|time) (?:of|is|shall be)$", rf"(?:{AFTER}|{PURPOSE})"),
    (True, r"\b(?:in|by){of}$", AFTER),
    (False, r"\b(?:at least|less than|least|fewer than|than|through|ending|term of|period of|up to(?: the)?(?: first)?|first)$", r""),
    (True, r"(?:^|[\s(])(?:\w+[\w,;:'\u2019)-]*|)$", r"(?:after|following|from (?:the|receipt|its|their|that|when|notif\w+|service)|of (?:the )?(?:date|receipt|receiv\w+|notif\w+|service|becoming))\b"),
    (True, r"", r"(?:thereafter|after which)\b"),
)

DATES = (
    (False, r"\b(?:dated|signed(?: at \w+,?)?|done at [\w ]+,?(?: on)?|adopted(?: by [^.;,]{1,60})?(?: on)?|published(?: in [^.;]{1,60})?(?: on)?)$", r""),
    (False, r"\b(?:OJ|Official Journal|Fed(?:eral|\.) Reg(?:ister|\.)|Stat\.|Bulletin)[^;]{0,40}$", r""),
    (False, r"\b(?:last amended|as amended|corrected|approved|delivered|issued|concluded|ratified|decided|enacted|proposed|communication|judgment|opinion|resolution|decision|regulation|directive|act|recommendation|decree|order)(?: of| on| dated|,)?$", r""),
    (False, r"\b(?<!be )(?:occurr(?:ing|ed)|committed|incurred|arising|accru(?:ed|ing)|existing|in existence|concluded|entered into|adopted|issued|signed|ratified|made|granted|born|acquired|placed on the market|put into service|(?:made|becom\w+) available|manufactured|produced|installed|registered|established|opened|initiated|instituted|lodged|in force|applicable|complied with)(?: [^.;,]{0,60}?)?,? (?:on or )?(?:before|prior to)$", r"(?!.{0,30}\bat the latest)"),
    (True, r"\bappl(?:y|ies|icable)\b[^.;]{0,80}\bon or after$", r""),
    (False, r"\b(?:occurr(?:ing|ed)|committed|incurred|arising|accru(?:ed|ing)) on or after$", r""),
    (True, r"\b(?:by|before|until|till|from|after|through|thru|prior to|as of|as from|effective|operative|applicable|due|starting|beginning|commencing|not later than|no later than|at the latest|latest by|on or before|on or after|on and after|on and from|up to|to and including|between|no later than|later than|expir\w+|ending|ended|ends|begins?|since){of}(?: ?(?:on|of|from|by|date|close of business|midnight|noon|11:59 p\.m\.|\d{1,2} ?[ap]\.?m\.?|the date|and including|as of|at the latest|the end of the day))*[ ,:]*$", r""),
    (True, r"\b(?:deadline|due date|effective date|compliance date|applicability date|application date|expiry date|expiration date|closing date|target date|submission date|date of application|date of entry into force|entry into force|timeline|date)\b[^.;]{0,70}?(?: is| are| shall be| of| on|:| -| \u2013| was)[ ,]*$", r""),
    (True, r"\b(?:tak(?:e|es|ing) effect|enter(?:s|ed)? into force|com(?:e|es|ing) into (?:force|effect|operation)|in force|appl(?:y|ies|icable)|expires?|terminates?|ceases?[^.;]{0,50}|repealed|lapses?|sunsets?|commences?|due|effective|operative|starts?|begins?|become[^.;]{0,30})(?: on| with effect)?(?: on| from)?[ ,]*$", r""),
    (True, r"\b(?:shall|must|is to|are to|will|is required to)\b[^.;]{0,90}\bon$", r""),
    (True, r"\b(?:hours?|days?|weeks?|months?|years?) of$", r""),
    (False, r"\bof$", r""),
    (True, r"", r"(?:at the latest|or earlier|is the deadline|shall be the (?:deadline|date)|onwards?)\b"),
)

ACTORS = (
    (r"data protection officers?", "data protection officer"),
    (r"(?:joint )?controllers?(?! of the)", "controller"),
    (r"processors?", "processor"),
    (r"(?:lead |competent |other )?supervisory authorit(?:y|ies)(?: concerned)?", "supervisory authority"),
    (r"(?:national )?competent authorit(?:y|ies)", "competent authority"),
    (r"market surveillance authorit(?:y|ies)", "market surveillance authority"),
    (r"member states?", "Member State"),
    (r"data subjects?", "data subject"),
    (r"business associates?", "business associate"),
    (r"covered entit(?:y|ies)", "covered entity"),
    (r"financial (?:entit(?:y|ies)|institutions?)", "financial institution"),
    (r"(?:(?:essential|important|obliged|legal|public|regulated)(?: and | or | ))*entit(?:y|ies)(?: concerned)?", "entity"),
    (r"gatekeepers?", "gatekeeper"),
    (r"deployers?", "deployer"),
    (r"importers?", "importer"),
    (r"distributors?", "distributor"),
    (r"manufacturers?", "manufacturer"),
    (r"service providers?", "service provider"),
    (r"providers?", "provider"),
    (r"operators?", "operator"),
    (r"employers?", "employer"),
    (r"employees?", "employee"),
    (r"traders?", "trader"),
    (r"consumers?", "consumer"),
    (r"issuers?", "issuer"),
    (r"registrants?", "registrant"),
    (r"certification bod(?:y|ies)", "certification body"),
    (r"notified bod(?:y|ies)", "notified body"),
    (r"undertakings?", "undertaking"),
    (r"investment firms?", "investment firm"),
    (r"reporting compan(?:y|ies)", "reporting company"),
    (r"compan(?:y|ies)", "company"),
    (r"business(?:es)?", "business"),
    (r"organi[sz]ations?", "organization"),
    (r"customers?", "customer"),
    (r"users?", "user"),
    (r"vendors?", "vendor"),
    (r"contractors?", "contractor"),
    (r"suppliers?", "supplier"),
    (r"agenc(?:y|ies)", "agency"),
    (r"attorney general", "attorney general"),
    (r"third part(?:y|ies)", "third party"),
    (r"board(?! of directors| members?\b)", "Board"),
    (r"commission(?!s\b|er| on )", "Commission"),
    (r"european parliament", "European Parliament"),
    (r"(?<!works )council", "Council"),
    (r"(?:implementing|delegated) acts?", "Commission"),
    (r"(?:union|member state) law", "Member State"),
    (r"secretariat", "secretariat"),
    (r"(?<!company )secretary", "Secretary"),
    (r"(?:courts?|tribunals?)(?! proceedings)", "court"),
    (r"(?:director|administrator|comptroller|superintendent|registrar|minister|president|congress)", "public officer"),
    (r"data", "data"),
)

NUMBER_WORDS = Numbers(
    words=NUMBERS,
    ordinals=ORDINALS,
    months=MONTHS,
    scales={"thousand": 1e3, "k": 1e3, "million": 1e6, "millions": 1e6, "mio": 1e6, "mn": 1e6, "mln": 1e6, "m": 1e6}
    | {"billion": 1e9, "billions": 1e9, "bn": 1e9, "b": 1e9},
)

TIME = TimeWords(
    units=(
        (r"hours?", TimeUnit.HOUR),
        (r"days?", TimeUnit.DAY),
        (r"(?:weeks?|fortnights?)", TimeUnit.WEEK),
        (r"months?", TimeUnit.MONTH),
        (r"(?<!calendar )(?<!fiscal )(?<!financial )years?", TimeUnit.YEAR),
    ),
    working=r"(?:business|working|work|banking|trading|court|school)",
    between=r"(?:calendar|consecutive|clear|full|additional|further|more|other|whole|federal|extra|successive|complete)",
    filler=FILLER,
    periods=PERIODS,
    recurring=(
        (True, r"\b(?:every|at intervals of|intervals of no more than|intervals not exceeding)(?: the)?$", r""),
        (True, r"\bonce(?: every| in| each| per)?$", r""),
    ),
    again=(
        (r"\bannually\b|\byearly\b|\b(?:once )?(?:each|every|once (?:a|per)) (?:calendar |fiscal |financial )?year\b|\bon an annual basis\b", 1, TimeUnit.YEAR),
        (r"\bquarterly\b|\b(?:each|every) (?:calendar )?quarter\b", 3, TimeUnit.MONTH),
        (r"\b(?:each|every|once a) month\b|\bmonthly\b", 1, TimeUnit.MONTH),
    ),
    trigger=AFTER + r"|" + BEFORE,
    trigger_end=r"[,;:.]| (?:and|or|unless|shall|must|may|whether|provided|to (?:the|a|an)|without|together) ",
    ordinal_day=(
        r"\b(?:by|before|(?:not|no) later than|on or before|within|until|on|of) (?:the )?(?:end of the |close of the )?"
        r"(?P<ordinal>\d{1,3}(?:st|nd|rd|th)|[a-z]+(?:-[a-z]+)?) (?P<unit>(?:calendar |business |working )?(?:day|month|week))"
        r"(?= (?:after|following|of|from|before|prior to|preceding)\b)(?! (?:following|after) (?:that of |the day of )?(?:its|the|their) publication)"
    ),
    dates=DATES,
    dates_text=(
        r"(?<![\w.])(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?(?: day)?(?: of)? (?P<month>{months})\.?,? (?P<year>\d{4})"
        r"|(?P<month2>{months})\.? (?P<day2>\d{1,2})(?:st|nd|rd|th)?,? (?P<year2>\d{4})"
        r"|(?:the )?end of (?:the )?(?:calendar )?(?:year )?(?:(?P<month3>{months}) )?(?P<year_end>(?:19|20)\d\d))(?![\w/])"
    ),
)

NO_PENALTY_LEFT = (
    r"\b(?:turnover|revenues?|sales|assets?|incomes?|receipts|capital|values?|valued|loss(?:es)?|funds|prices?|transactions?|balance"
    r"|payroll|premiums?|budgets?|bond|deposit|thresholds?|deductible|costs?|salary|wages?|contracts?|(?<!late )(?<!payment )(?<!penalty )(?<!default )fees?)"
    r"\b(?:(?! or (?:up to )?(?:EUR|USD|GBP|\u20ac|\$|\u00a3|$))(?! or$)[^.;,]|,(?=[0-9])){0,50}$"
)
NO_PENALTY_RIGHT = r"(?:or more |or less )?(?:in|of) (?:\w+ ){0,3}(?:gross |annual |net |total )*(?:revenues?|receipts|assets|sales|income|turnover|funds)\b"
PENALTY = PenaltyWords(
    money={"dollars": "USD", "dollar": "USD", "pounds": "GBP", "euros": "EUR", "euro": "EUR", "francs": "CHF"},
    percent=r"%|percent\b|per cent\b|per centum\b|percentum\b",
    penal=(
        r"\b(?:fines?|fined|penalt(?:y|ies)|penali[sz]ed|sanctions?|sanctioned|punish\w*|imprison\w*|forfeit\w*|surcharges?|disgorge\w*"
        r"|convict(?:ed|ion)|misdemeanou?r|felony|damages|late fees?|civil money|penal sum|fixed sum|additions? to (?:the )?tax)\b"
        r"|\b(?:per|for each|for every) (?:calendar |business |working )?(?:day|week|month) of (?:delay|default|lateness)\b"
        r"|\badded to the (?:amount|tax)\b|\b(?:late|overdue|unpaid|delayed|past due)\b[^.;]{0,60}\binterest\b"
        r"|\b(?:recover|pay|assess|impose|award|order)\w*\b[^.;]{0,70}\b(?:not to exceed|up to|not more than|not exceeding)\b[^.;]{0,70}\b(?:violations?|offen[cs]es?|failures?|breach(?:es)?)\b"
        r"|\bliable\b[^.;]{0,60}\b(?:sum|amount)\b|\bviolations?\b[^.;]{0,120}\b(?:up to|not (?:to )?exceed)\b"
    ),
    limit=(
        r"(?:between|up to|not (?:to exceed|exceeding|more than|greater than|less than|exceed)|no (?:more|less|greater) than|at least|a maximum of|a minimum of|maximum of"
        r"|maximum amount of|minimum of|exceeding|not exceed|less than|more than|in the amount of|in an amount(?: of| up to)?|equal to|greater of|higher of)"
    ),
    rules=(
        (False, NO_PENALTY_LEFT, r""),
        (False, r"\b(?:causing|caused|aggregat\w+|involving|obtain\w*|acquir\w*|owns?|ownership|holding|derives?|buys?)\b[^.;,]{0,50}$", r""),
        (False, r"", NO_PENALTY_RIGHT),
    ),
    no_shares=(
        (False, r"\b(?:derives?|buys?|owns?|holds?|acquir\w*|ownership|interest(?! at\b| surcharge| charge| penalt)|stake|(?:more|less) than)\b[^.;,]{0,30}$", r""),
        (False, r"", r"or (?:more|less)\b"),
        (False, r"", r"of (?:the |any )?(?:\w+ ){0,3}(?:sanctions?|penalt(?:y|ies)|fines?|award|recovery) (?:\w+ )?(?:collected|imposed|recovered|paid|received)\b"),
        (False, r"\b(?:rate|threshold|share|stake|holding) of$", r""),
    ),
    span=r"(?:to|and|or|-|\u2013|and (?:not more than|up to|not exceeding|not greater than)|but not (?:more than|exceeding)|nor more than|or more than)",
    carry=(
        r"(?:[Ff]or (?:a |any |each |every |the |all )?(?:second|third|subsequent|repeated?|legal|natural|first|other|minor|violation|infringement|offen)|[Ii]n (?:the )?(?:case|respect)"
        r"|In all other|It |Such |That |The [\"'\u201c\u2018]?(?:(?:standard|higher|lower|overall|daily|basic) )?(?:amount|maximum|minimum|total|fine|penalty|sanction|latter)|Where |If |A second|Each |This amount)"
    ),
    base=r"(?:of|in) (?:(?:its|the|their|his or her|that|such|an?) )?(?P<base>[a-z][^,;:.()]{2,110})",
    multiple=(
        r"\b(?P<times>twice|double|triple|treble|(?:\d{1,2}|two|three|four|five|six|seven|eight|nine|ten) times) (?P<base>(?:the )?(?:total |gross |net |pecuniary |financial |economic )*"
        r"(?:amount|sum|value|gains?|benefits?|profits?|losses|loss|damages?|advantage|proceeds|tax)\b[^,;:.()]{0,110})"
    ),
    multiples={"twice": 2, "double": 2, "triple": 3, "treble": 3},
    per=(
        r"(?:,? ?(?:per|for each|for every|for any|each|on each) )(?:(?:such|separate|intentional|subsequent|single|individual|additional|calendar) )?"
        r"(?P<per>(?!of\b|the\b)[a-z-]+(?: per [a-z]+)?)"
    ),
    alternative=r"\b(?:or|and|whichever)\b",
    whichever=(
        r",? ?whichever (?:amount )?(?:is|of the two is|of those amounts is) (?:the )?(?:higher|greater|larger|lower|lesser|highest|greatest)"
    ),
    prison=(
        r"\bimprison(?:ed|ment)\b(?:(?!(?<!not )exceeding)[^.;]){0,50}?\b(?:years?|months?|days?|life)\b|\b[\w-]{1,20} (?:years?|months?)['\u2019]? (?:of )?imprisonment\b"
    ),
    articles=r"\b(?:Articles?|Art\.|Sections?|Sec\.|\u00a7{1,2}) ?(?P<list>\d+[a-z]?(?:\(\w{1,4}\))*(?:(?:, (?:and |or )?| and | or | to |[-\u2013])\d+[a-z]?(?:\(\w{1,4}\))*)*)",
    ranges=r"to|-|\u2013",
    other_act=r"\s?(?:\([^()]*\)\s?)?of (?:Regulation|Directive|Decision|the (?:Treaty|TFEU|TEU|Charter|Act of))",
    whole_act=r"\bthis (?:Regulation|Act|title|part|chapter|subchapter|law|Directive|article|policy|agreement|division|code)\b|\bthe (?:Act|Regulation|law)\b",
)

DUTY = DutyWords(
    duty=(
        r"\b(?P<verb>shall|must|(?:is|are|be) (?:required|obliged|obligated) to|(?:has|have) (?:a|the) (?:duty|obligation) to|may not"
        r"|(?:is|are) prohibited from|(?:is|are) (?:not permitted|forbidden) to)\b"
    ),
    others=(
        r"(?:shall|must) (?:also |not |only |nevertheless |in any event |each |adversely )*(?:(?:have|enjoy) (?:the|a|no|full|all)? ?(?:\w+ ){0,4}(?:rights?|powers?|legal personality|jurisdiction|authority|discretion)"
        r"|be (?:entitled|empowered|authori[sz]ed to|competent|deemed|considered|understood|construed|interpreted|regarded|treated as|presumed|governed by|defined)"
        r"|mean|include any|apply|be applicable|impair|be conferred|be exempt|be held liable|be without prejudice|affect|prejudice|enter into force|take effect|come into (?:force|effect)|become (?:effective|operative|applicable)"
        r"|be repealed|cease|expire|be brought (?:before|within)|be composed of|consist of|be represented by|be dismissed|(?:be|by) adopted by (?:the vote|simple|a)|have effect|be effective"
        r"|be (?:liable|punish\w+|fined|guilty|subject to (?:\w+ ){0,6}(?:fines?|penalt\w+|sanctions?|imprisonment))|be punished|forfeit|be valid|have the (?:meaning|same meaning|qualifications?|power)"
        r"|be (?:appointed|elected) |be (?:one|two|three|four|five|six|seven|eight|nine|ten|\d+) |be voluntary|be binding|constitute|be known as|be cited|remain in force|have no |be (?:extended|prolonged|suspended|interrupted|calculated) |(?:start|begin|commence|run)\b)"
        r"|shall have (?:all of )?(?:the )?(?:following )?(?:\w+,? (?:and )?){0,4}powers?"
    ),
    actors=ACTORS,
    authorities=frozenset(
        {
            "Board", "Commission", "Council", "European Parliament", "Member State", "Secretary", "agency",
            "attorney general", "competent authority", "court", "market surveillance authority", "public officer",
            "secretariat", "supervisory authority",
        }
    ),
    subject=(
        r"(?:^|[,;:\u2014] |\) |\b(?:that|and|but|if|then|where) )(?P<subject>(?:(?:[Tt]he|[Aa]n?|[Ee]ach|[Ee]very|[Aa]ny|[Nn]o|[Aa]ll|[Oo]ur|[Yy]our|[Tt]his|[Ss]uch|[Tt]hose) )?[A-Za-z][^,;:]{1,200}?) $"
    ),
    party=(
        r"(?!number|order|whether|either|neither|another|further|under|over|after|together|however|hereinafter|never|ever|rather|letter|matter|paper|register|offer|transfer|document|agreement|assessment|requirement|factor|error|payment|amendment|statement|treatment"
        r"|other|consent|content|consultant fee|power|center|measurement|paragraph|processor fee|implant|former|latter|director general)"
        r"(?:[a-z-]+(?:ers?|ors?|ees?|ists?|ants?|ians?)|persons?|individuals?|entit(?:y|ies)|bod(?:y|ies)|part(?:y|ies)|firms?|banks?|institutions?|authorit(?:y|ies)|states?"
        r"|members?|staff|you|we|whoever|commission|council|courts?|committee|office|department|secretary|personnel|bureau)"
    ),
    agent=r"\bby (?:the|a|an|each|any) $",
    relays=r" (?:also |further |in particular )?(?:ensure|require|provide|lay down) (?:that\b)?",
    acts=(
        r"(?:(?:Regulation|Directive|Decision) \((?:EU|EC|EEC|Euratom|EU, Euratom)\)(?: No\.?)? ?\d{1,4}/\d{1,4}|Directive \d{2,4}/\d{1,4}/E[UC]C?"
        r"|\b(?!(?:The|This|That|Any|Each|Such|An?|In|Under|By|Of|If|For) )(?:[A-Z][\w-]{1,30} (?:of the |of |and |for |on )?){1,5}(?:Act|Authority|Commission|Board|Agency|Council|Regulation|Directive|Code|Department|Office|Court|Bureau|Commissioner|Administration)\b)"
    ),
)

ENGLISH = Lexicon(
    language="en",
    function_words=frozenset(
        {
            "and", "any", "are", "as", "be", "by", "for", "in", "is", "may", "must", "not", "of", "on", "or",
            "shall", "such", "that", "the", "this", "to", "which", "with",
        }
    ),
    numbers=NUMBER_WORDS,
    time=TIME,
    penalty=PENALTY,
    duty=DUTY,
)
