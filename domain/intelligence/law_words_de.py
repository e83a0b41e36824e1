"""German for the rules on legal texts."""

# ruff: noqa: E501  (a rule is read best on one line)

from __future__ import annotations

from domain.intelligence.law_findings import TimeUnit
from domain.intelligence.law_words import DutyWords, Lexicon, Numbers, PenaltyWords, TimeWords

# fmt: off

NUMBERS = {
    "ein": 1, "eine": 1, "einem": 1, "einen": 1, "einer": 1, "eines": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5,
    "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "elf": 11, "zwölf": 12, "zweier": 2, "dreier": 3,
    "sech": 6, "sieb": 7, "dreizehn": 13, "vierzehn": 14, "fünfzehn": 15, "sechzehn": 16, "siebzehn": 17,
    "achtzehn": 18, "neunzehn": 19, "zwanzig": 20, "dreißig": 30, "dreissig": 30, "vierzig": 40, "fünfzig": 50,
    "sechzig": 60, "siebzig": 70, "achtzig": 80, "neunzig": 90, "hundert": 100, "tausend": 1000,
    "million": 1_000_000, "millionen": 1_000_000, "milliarde": 1_000_000_000, "milliarden": 1_000_000_000, "und": 0,
}
ORDINALS = {
    "erste": 1, "ersten": 1, "erster": 1, "erstes": 1, "zweite": 2, "zweiten": 2, "zweiter": 2, "zweites": 2,
    "dritte": 3, "dritten": 3, "dritter": 3, "drittes": 3, "vierte": 4, "vierten": 4, "vierter": 4, "viertes": 4,
    "fünfte": 5, "fünften": 5, "fünfter": 5, "fünftes": 5, "sechste": 6, "sechsten": 6, "sechster": 6, "sechstes": 6,
    "siebte": 7, "siebten": 7, "siebter": 7, "siebtes": 7, "achte": 8, "achten": 8, "achter": 8, "achtes": 8,
    "neunte": 9, "neunten": 9, "neunter": 9, "neuntes": 9, "zehnte": 10, "zehnten": 10, "zehnter": 10, "zehntes": 10,
    "elfte": 11, "elften": 11, "elfter": 11, "elftes": 11, "zwölfte": 12, "zwölften": 12, "zwölfter": 12,
    "zwölftes": 12, "dreizehnte": 13, "dreizehnten": 13, "dreizehnter": 13, "dreizehntes": 13, "vierzehnte": 14,
    "vierzehnten": 14, "vierzehnter": 14, "vierzehntes": 14, "fünfzehnte": 15, "fünfzehnten": 15, "fünfzehnter": 15,
    "fünfzehntes": 15, "zwanzigsten": 20, "dreißigsten": 30,
}
MONTHS = {
    "januar": 1, "jänner": 1, "februar": 2, "märz": 3, "april": 4, "mai": 5, "juni": 6, "juli": 7, "august": 8,
    "september": 9, "oktober": 10, "november": 11, "dezember": 12, "jan": 1, "feb": 2, "aug": 8, "sept": 9,
    "okt": 10, "nov": 11, "dez": 12,
}
AFTER = (
    r"(?:nach(?:dem)?|ab|seit|vom|von|gerechnet (?:ab|vom|von)|beginnend mit|im Anschluss an)\b"
    r"(?! Maßgabe\b| Ma\u00dfgabe\b)"
)
BEFORE = r"(?:vor|bevor|im Voraus|zuvor)\b"
FILLER = (
    r"(?:[ ,]*\b(?:von|der|die|das|den|dem|des|einer?|eines|einem|einen|weiteren?|weiterer|weiteres|zusätzlichen?|höchstens|längstens|maximal|bis zu|bis"
    r"|spätestens|mindestens|Fristen|Frist|Zeitraums?|Zeitraum|jeweils|jedoch|aber|insgesamt|nochmals|ersten|nächsten|darauf|folgenden|kommenden|angemessenen|Ablauf|um|nicht|mehr|als|in"
    r"|jedem|Fall|am|auf|zum|mit|nach))*"
)
PERIODS = (
    (False, r"", r"(?:alt|lang|Freiheitsstrafe|Haft|Gefängnis|Berufserfahrung)\b"),
    (False, r"\b(?:letzten|vergangenen|vorangegangenen|vorangehenden|vorausgegangenen|vorhergehenden|zurückliegenden|früheren)$", r""),
    (False, r"\b(?:Freiheitsstrafe|Gefängnis|Haft|Ersatzfreiheitsstrafe|Freiheitsentzug)\b[^.;]{0,50}$", r""),
    (False, r"\b(?:alle|je|pro|jedes|alle weiteren)$", r""),
    (False, r"\b(?:frühestens|nicht vor(?: dem)? Ablauf){of}$", r""),
    (True, r"\bin den ersten$", r"(?:des|der|nach)\b[^.;]{0,120}?(?:\bzu (?:erstellen|melden|übermitteln|veröffentlichen)|\b(?:auf|vor|ein|ab|fest|offen)zu\w+)"),
    (False, r"\b(?:in|während) den ersten$", r""),
    (False, r"\b[Vv]erjähr\w*\b[^.;]{0,130}$", r""),
    (False, r"\b(?:Vertrag|Vertragsverhältnis|Laufzeit|Abonnement|Vereinbarung)\b[^.;]{0,110}\bverlänger\w*[^.;]{0,30}\b(?:um|jeweils){of}$", r""),
    (True, r"(?<!Aufbewahrungs)(?<!aufbewahrungs)(?<!Speicher)frist\b[^.;]{0,130}$", r"(?:beträgt|betragen)\b"),
    (False, r"", r"(?:oder (?:innerhalb |binnen )?(?:von )?\w+ \w+ )?(?:im (?:Durchschnitt|Schnitt|Mittel)|durchschnittlich)\b"),
    (True, r"\b(?:hat|haben|verfügt|verfügen)(?: \w+){0,3}$", r"(?:\w+ )?(?:Zeit\b|um\b.{0,80}\bzu )"),
    (True, r"\b(?:innerhalb|innert|binnen|spätestens|nicht später als|längstens innerhalb|vor Ablauf|bis zum Ablauf|nach Ablauf|vor dem Ablauf|mit Ablauf){of}$", r""),
    (True, r"(?<!Aufbewahrungs)(?<!aufbewahrungs)(?<!Speicher)(?<!Lösch)(?<!Bewährungs)frist\b(?: (?:hierfür|dafür|dazu|nach|gemäß|des|der|für|zur|zum)\b[^.;]{0,60})? (?:von|beträgt|endet|läuft|darf){of}$", r"(?!(?:\w+ ){0,6}(?:auf(?:zu)?bewahr|speicher))"),
    (True, r"\bverlänger\w*\b[^.;]{0,60}\b(?:um|auf){of}$", r""),
    (False, r"\b(?:Arbeitszeit|Ruhezeit|Pausen?|Lenkzeit|Amtszeit)\b[^.;]{0,60}$", r""),
    (True, r"\b(?:\w*[Ff]rist\w*|Zeitraum)\b[^.;]{0,90}\bauf{of}$", r"(?:zu )?(?:verlänger|erstreck)\w*"),
    (True, r"\bum{of}$", r"(?:\w+ ){0,5}(?:zu )?(?:verlänger|aufgeschoben|erstreck|hinausgeschoben|überschr)\w*"),
    (False, r"\b(?:für|während|über|Dauer|Zeitraum|Amtszeit|Probezeit|Laufzeit|Gültigkeit\w*|gültig|Gültigkeitsdauer|befristet)\b[^.;]{0,40}$", r""),
    (False, r"", r"(?:\w+ ){0,8}(?:auf(?:zu)?bewahr|speicher|gespeichert|vorzuhalten|verwahr|archivier)\w*"),
    (True, r"\b(?:mindestens|wenigstens|spätestens|nicht weniger als|zumindest)$", BEFORE),
    (True, r"\b(?:Frist|Zahlungsfrist|Zahlungsziel)\b[^.;]{0,60}\b(?:höchstens|bis zu|mehr als|länger als|als)$", r""),
    (True, r"\b(?:höchstens|maximal|längstens|nicht mehr als|bis zu)$", AFTER),
    (True, r"\bhat(?:ten)?|haben$", r"Zeit\b"),
    (True, r"(?<!Aufbewahrungs)(?<!aufbewahrungs)(?<!Speicher)frist beträgt\b[^.;,]{0,40}$", r""),
    (False, r"\b(?:mindestens|wenigstens|als|zu)$", r""),
    (True, r"", AFTER + r"(?= )(?! (?:bis|\d))"),
    (True, r"(?:^|[\w)]) ?(?:Tage|Wochen)?$", r"vor (?:dem|der|Beginn|Ablauf|Inkrafttreten|Ende|Eintritt|Fälligkeit)\b"),
)
DATES = (
    (False, r"\b(?:ABl|BGBl|BAnz|GVBl|RGBl|Amtsblatt|Bundesgesetzblatt|S)\b[^;]{0,40}$", r""),
    (False, r"\b(?:Fassung|Bekanntmachung|ausgefertigt|verkündet|verabschiedet|beschlossen|unterzeichnet|geändert|erlassen)\b[^.;]{0,40}\b(?:vom|am)$", r""),
    (True, r"\b(?:mit Wirkung|Wirkung|gerechnet|beginnend|ab|frühestens)(?: (?:vom|zum|ab|dem|am|mit))+$", r""),
    (False, r"\bvor dem$", r"[^.;,]{0,90}\b\w+(?:t|en) (?:worden|wurden?|waren?|ist|sind|hatten?)\b"),
    (False, r"", r"geltenden? (?:Fassung|Gesetz|Recht|Vorschrift|Bestimmung)\w*"),
    (True, r"\b(?:mit|nach|vor|zum|bis zum) (?:dem )?Ablauf des$", r""),
    (True, r"\b(?:bis|bis zum|bis zum Ablauf des|bis einschließlich|bis spätestens(?: zum| am)?|spätestens|spätestens (?:am|zum|bis(?: zum)?|ab(?: dem)?)|ab(?: dem)?|vor dem|nach dem|seit dem|zum|bis zu dem|erstmals (?:zum|am|ab dem)|frühestens (?:am|ab dem)|zum Stichtag|Stichtag|Frist(?: ist)?(?: der)?|Termin:?|Fälligkeit:?)[ :]*$", r""),
    (True, r"\bvom$", r"(?:an|ab)\b"),
    (True, r"\b(?:tritt|treten|gilt|gelten|endet|enden|außer Kraft|in Kraft|Kraft|fällig|anzuwenden|anwendbar|Inkrafttreten|beginnt|läuft|wirksam)\b[^.;]{0,60}\b(?:am|zum|ab|mit dem)$", r""),
    (True, r"\b(?:am|zum|mit)$", r"(?:in Kraft|außer Kraft|wirksam|fällig|anzuwenden|endet|abgelaufen|beginnt)\b"),
    (False, r"\b(?:vom|der|des|von)$", r""),
)

NUMBER_WORDS = Numbers(
    words=NUMBERS,
    ordinals=ORDINALS,
    months=MONTHS,
    scales={
        "tausend": 1e3,
        "tsd": 1e3,
        "mio": 1e6,
        "million": 1e6,
        "millionen": 1e6,
        "mrd": 1e9,
        "milliarde": 1e9,
        "milliarden": 1e9,
    },
)

TIME = TimeWords(
    units=(
        (r"(?:Stunden|Stunde|stündige[nrsm]?(?= \w*Frist))", TimeUnit.HOUR),
        (
            r"(?:Werk|Arbeits|Bankarbeits|Geschäfts|Bankgeschäfts|Börsen|Handels|Börsenhandels)tag(?:en|es|e|s)?",
            TimeUnit.WORKING_DAY,
        ),
        (r"(?:Kalendert|T)ag(?:en|es|e|s)?|tägige[nrsm]?(?= \w*Frist)", TimeUnit.DAY),
        (r"(?:Kalenderw|W)ochen?(?:frist)?|wöchige[nrsm]?(?= \w*Frist)", TimeUnit.WEEK),
        (r"(?:Kalenderm|M)onat(?:en|es|e|s)?(?:frist)?|monatige[nrsm]?(?= \w*Frist)", TimeUnit.MONTH),
        (r"Jahr(?:en|es|e|s)?(?:frist)?|jährige[nrsm]?(?= \w*Frist)", TimeUnit.YEAR),
    ),
    working=r"(?:Werktag|Arbeitstag|Bankarbeitstag|Geschäftstag|Börsentag|Handelstag)",
    between=r"(?:volle[nrs]?|weiteren?|weiterer|weiteres|aufeinanderfolgenden?|zusätzlichen?|ganzen?)",
    filler=FILLER,
    periods=PERIODS,
    recurring=((True, r"\b(?:alle|mindestens alle|im Abstand von|jeweils alle)$", r""),),
    again=(
        (r"\bjährlich\b|\b(?:jedes|eines jeden) (?:Kalender|Geschäfts)?jahre?s\b|\beinmal (?:im|pro|je) (?:Kalender)?jahr\b", 1, TimeUnit.YEAR),
        (r"\bvierteljährlich\b|\b(?:jedes|eines jeden) (?:Kalenderv|V)ierteljahre?s\b", 3, TimeUnit.MONTH),
        (r"\bmonatlich\b|\b(?:jedes|eines jeden) (?:Kalenderm|M)onats\b", 1, TimeUnit.MONTH),
    ),
    trigger=AFTER + r"|" + BEFORE,
    trigger_end=r"[,;:.]| (?:und|oder|zu|sofern|wenn|falls|ist|sind|hat|muss|müssen|wird|werden|diese[rs]?|eine|einen|zur Verfügung) ",
    ordinal_day=(
        r"\b(?:spätestens (?:am|bis zum)|bis zum(?: Ablauf des)?|vor dem|am|innerhalb des) (?P<ordinal>\d{1,3}\.|[a-zäöüß]{1,25}(?:ten|sten)) "
        r"(?P<unit>(?:Kalender|Werk|Arbeits|Bankarbeits|Geschäfts)?tage?s?)(?= (?:nach|des|der|eines|jedes|ab|vor|seit)\b)(?! (?:nach|auf) (?:ihrer|der|dem Tag (?:der|ihrer)) Veröffentlichung)"
    ),
    dates=DATES,
    dates_text=(
        r"(?<![\w.])(?:(?P<day>\d{1,2})\. ?(?P<month>{months})\.? (?P<year>\d{4})"
        r"|(?:Ende|Ablauf) (?:des )?(?:Jahres |Kalenderjahres )?(?:(?P<month3>{months}) )?(?P<year_end>(?:19|20)\d\d))(?![\w/])"
    ),
)

PENALTY = PenaltyWords(
    money={
        "euro": "EUR",
        "schweizer franken": "CHF",
        "franken": "CHF",
        "us-dollar": "USD",
        "dollar": "USD",
        "pfund": "GBP",
    },
    percent=r"%|Prozent\b|vom Hundert\b|v\. ?H\.|vH\b",
    penal=(
        r"(?:\b|\w)(?:geldbu(?:ß|ss)en?|bu(?:ß|ss)gelde?r?n?s?|geldstrafen?|zwangsgelde?r?s?|ordnungsgelde?r?s?|geahndet|freiheitsstrafen?|vertragsstrafen?"
        r"|säumniszuschl\w+|verspätungszuschl\w+|verzugspauschale\w*|sanktion\w*|ordnungswidrigkeit\w*|strafzahlung\w*|verwaltungsstrafen?|konventionalstrafen?|pönalen?|mahngebühr\w*)\b"
        r"|\b(?:Bussen?|Bußen?|bestraft|Strafen?|Sanktionen?|Schadensersatz)\b|\bVerzug\b[^.;]{0,140}\bPauschale\b"
    ),
    limit=(
        r"(?:von bis zu|in Höhe von(?: bis zu)?|bis zu(?:r Höhe von)?|bis|höchstens|mindestens|maximal|von|zwischen|nicht mehr als|mehr als)"
    ),
    rules=(
        (False, r"\b(?:\w*umsatz\w*|\w*erlös\w*|Wert\w*|Bilanzsumme|Vermögen\w*|Kapital|Stammkapital|Grundkapital|Transaktion\w*|Preis\w*|Gebühr|Beitrag|Schaden|Gegenstandswert|Kosten|Sicherheit|Betrag|Einkommen|Einlagen)\b(?:(?! oder(?: bis zu)?$)[^.;,]){0,50}$", r""),
        (False, r"\bmehr als$", r"(?:\w+ ){0,3}\w*(?:umsatz|erlös|wert|summe)\w*"),
        (False, r"", r"(?:oder mehr )?(?:\w+ ){0,2}(?:Jahresumsatz|Umsatz|Bilanzsumme|Vermögen)\b(?! geahndet)(?=.{0,60}\b(?:erzielt|aufweist|hat|haben|überschreit)\w*)"),
    ),
    no_shares=(
        (False, r"\b(?:Beteiligung|Anteil\w*|beteiligt|Stimmrechte|hält|halten|Zinssatz)\b[^.;,]{0,40}$", r""),
        (False, r"\bmehr als$", r""),
    ),
    span=r"(?:bis(?: zu)?|und(?: höchstens| maximal)?|-|\u2013)",
    carry=(
        r"(?:In (?:den|allen|besonders|schweren) |Bei |Für |Gegen(?:über)? |Sie |Er |Es |Diese[rs]? |Im (?:Fall|Wiederholungsfall|Übrigen)|Das (?:Ordnungsgeld|Höchstmaß|Zwangsgeld|Bußgeld)"
        r"|Die (?:Geldbuße|Geldstrafe|Strafe|Höhe|Obergrenze)|Der (?:Höchst|Betrag)|Handelt |Ist |Wird |Hat )"
    ),
    base=r"(?:(?:seines|ihres|des|dieses|eines|vom|von seinem|der) )?(?P<base>(?:[a-zäöüß]+ ){0,5}(?:[A-ZÄÖÜ]\w+|\w*[Uu]ms\w+)[^,;:.()]{0,90})",
    multiple=(
        r"\b(?P<times>doppelte|(?:zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn)(?=fache)|\d{1,2}(?=-?fache))(?:-?fache)?[ns]? (?P<base>(?:des|der|dieses|vom)\b[^,;:.()]{2,110})"
    ),
    multiples={"doppelte": 2},
    per=r"(?:,? ?(?:pro|je|für jeden?|für jede[ns]?|je angefangene[nrs]?) )(?P<per>[A-ZÄÖÜa-zäöüß]+)",
    alternative=r"\b(?:oder|und|bzw\.?|beziehungsweise)\b",
    whichever=r",? ?je nachdem,? (?:welcher|was)[^.;]{0,40}?(?:höher|größer|niedriger)(?: ist)?",
    prison=(
        r"\bFreiheitsstrafe(?:n)?\b[^.;]{0,50}?\b(?:Jahr(?:en|e)?|Monat(?:en|e)?)\b|\bHaft (?:bis zu|von)\b[^.;]{0,30}?\b(?:Jahr(?:en|e)?|Monat(?:en|e)?|Wochen?)\b"
    ),
    articles=r"(?:\b(?:Artikeln?|Artikels|Art\.|Paragraphe?n?)|\u00a7{1,2}) ?(?P<list>\d+[a-z]?(?: Abs(?:atz|\.) \d+)?(?:(?:, | und | oder | sowie | bis |[-\u2013])\d+[a-z]?(?: Abs(?:atz|\.) \d+)?)*)",
    ranges=r"bis|-|\u2013",
    other_act=r"\s?(?:\([^()]*\)\s?)?(?:Abs(?:atz|\.) \d+ ?)?(?:der (?:Verordnung|Richtlinie)|des (?:Vertrags|AEUV))",
    whole_act=r"\b(?:dieser Verordnung|dieses Gesetzes|diesem Gesetz|diese Verordnung|dieses Gesetz)\b",
)

ACTORS = (
    (r"Auftragsverarbeiter[sn]?", "Auftragsverarbeiter"),
    (r"Datenschutzbeauftragten?", "Datenschutzbeauftragter"),
    (r"(?:gemeinsam )?Verantwortliche[nr]?", "Verantwortlicher"),
    (r"(?:federführende[nr]? )?Aufsichtsbehörden?", "Aufsichtsbehörde"),
    (r"zuständigen? Behörden?", "zuständige Behörde"),
    (r"Behörden?", "Behörde"),
    (r"Mitgliedstaate?n?s?", "Mitgliedstaat"),
    (r"betroffenen? Personen?", "betroffene Person"),
    (r"Bundesamte?s?", "Bundesamt"),
    (r"Bundesanstalt", "Bundesanstalt"),
    (r"Unternehmens?(?!r)", "Unternehmen"),
    (r"Unternehmern?s?", "Unternehmer"),
    (r"Anbietern?s?", "Anbieter"),
    (r"Betreibern?s?", "Betreiber"),
    (r"Arbeitgebern?s?", "Arbeitgeber"),
    (r"Arbeitnehmern?s?", "Arbeitnehmer"),
    (r"Verbrauchern?s?", "Verbraucher"),
    (r"Verpflichteten?", "Verpflichteter"),
    (r"Einrichtungen?", "Einrichtung"),
    (r"Hersteller[ns]?", "Hersteller"),
    (r"Kaufmann", "Kaufmann"),
    (r"Gesellschaft(?:en)?", "Gesellschaft"),
    (r"Kreditinstituten?s?", "Kreditinstitut"),
    (r"Kunden?", "Kunde"),
    (r"Auftragnehmer[ns]?", "Auftragnehmer"),
    (r"Auftraggeber[ns]?", "Auftraggeber"),
    (r"Lieferante?n?", "Lieferant"),
    (r"Dienstleister[ns]?", "Dienstleister"),
    (r"Emittente?n?", "Emittent"),
    (r"(?:Importeure?[ns]?|Einführer[ns]?)", "Einführer"),
    (r"Händler[ns]?", "Händler"),
    (r"Bevollmächtigte[nr]?", "Bevollmächtigter"),
    (r"Gewerbetreibende[nr]?", "Gewerbetreibender"),
    (r"Beschäftigte[nr]?", "Beschäftigter"),
    (r"Mitarbeiter[ns]?", "Mitarbeiter"),
    (r"Schuldner[ns]?", "Schuldner"),
    (r"Verkäufer[ns]?", "Verkäufer"),
    (r"Käufer[ns]?", "Käufer"),
    (r"Vermieter[ns]?", "Vermieter"),
    (r"Mieter[ns]?", "Mieter"),
    (r"(?:Vertragsp|P)artei(?:en)?", "Vertragspartei"),
    (r"Steuerpflichtige[nr]?", "Steuerpflichtiger"),
    (r"Kapitalgesellschaft(?:en)?", "Kapitalgesellschaft"),
    (r"Finanzunternehmen", "Finanzunternehmen"),
    (r"Daten", "Daten"),
)
DUTY = DutyWords(
    duty=(
        r"\b(?P<verb>muss|müssen|(?:ist|sind|wird|werden) (?:\w+ ){0,4}?verpflichtet|(?:hat|haben)\b(?=(?:[^.;]|(?<=\n\d)\.){3,240}? (?:zu \w+en\b|\w+zu\w+en\b|sicherzustellen|nachzuweisen|einzu\w+|vorzu\w+))"
        r"|(?:darf|dürfen)\b(?=[^.;]{0,160}?\b(?:nicht|nur|kein\w*)\b)|(?:ist|sind)\b(?=[^.;,]{1,200}? (?:zu (?!sein\b)\w+en\b|(?:auf|ein|vor|mit|nach|an|aus|offen|sicher|bei|ab|um|durch|weiter)zu\w+en\b))"
        r"|(?P<plain>stellen|sorgen|schreiben|meldet|stellt|teilt|führt|trifft|benachrichtigt|unterrichtet|informiert|gewährleistet|benennt|dokumentiert|ergreift|konsultiert|legt|übermittelt|sorgt|holt|ermöglicht|berichtigt|löscht)\b)\b"
    ),
    others=r"(?:hat|haben) (?:\w+ ){0,4}(?:das Recht|Anspruch|Zugang|Sitz)\b|(?:ist|sind) (?:\w+ ){0,3}(?:berechtigt|befugt)\b|(?:ist|sind) (?:nicht )?(?:anzuwenden|anwendbar|zuständig)|(?:anzuwenden|zu verstehen|anzusehen)\b",
    actors=ACTORS,
    authorities=frozenset(
        {
            "Aufsichtsbehörde", "Ausschuss", "Behörde", "Bundesamt", "Bundesanstalt", "Kommission", "Mitgliedstaat",
            "zuständige Behörde",
        }
    ),
    subject=r"(?:^|[,;:] |\) )(?P<subject>(?:[Dd]er|[Dd]ie|[Dd]as|[Ee]ine?r?|[Jj]ede[rs]?|[Aa]lle|[Ww]er|[Kk]eine?) [^,;:()]{1,90}?) $",
    party=r"(?:wer|person|personen|inhaber|halter|leiter|träger|stelle|stellen)",
    relays=r" (?:sicher|dafür|vor|dafür Sorge), dass\b",
    agent=r"\b(?:durch|von) (?:den|die|das|dem|der|einem|einen|einer) $",
    acts=(
        r"(?:(?:Verordnung|Richtlinie) \((?:EU|EG|EWG)\)(?: Nr\.)? ?\d{1,4}/\d{1,4}|Richtlinie \d{2,4}/\d{1,4}/E[UW]?G"
        r"|\b[A-ZÄÖÜ][\wäöüß]{0,40}(?:gesetzbuch|gesetze?s?|verordnung|ministerium|bundesamt|anstalt|behörde|kammer)\b)"
    ),
)

GERMAN = Lexicon(
    language="de",
    function_words=frozenset(
        {
            "als", "auch", "auf", "bei", "das", "dem", "den", "der", "des", "die", "ein", "eine", "einer", "für",
            "im", "ist", "mit", "nach", "nicht", "oder", "sich", "und", "von", "werden", "wird", "zu",
        }
    ),
    numbers=NUMBER_WORDS,
    time=TIME,
    penalty=PENALTY,
    duty=DUTY,
)
