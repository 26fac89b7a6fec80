"""How customers spell order numbers, addresses, parcels and counts."""

from __future__ import annotations

import re


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)


_DOT = r"(?: \s?\.\s? | \s+(?:point|dot)\s+ )"
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_DOMAIN = rf"{_LABEL}(?:{_DOT}{_LABEL})*{_DOT}[a-z]{{2,12}}\b"
EMAIL = _compile(
    rf"""
    (?P<local>[\w.+%-]*[\w+%-])\s?@\s?(?P<domain>{_LABEL}(?:\.{_LABEL})*\.[a-z]{{2,12}}\b)
    | (?P<local2>[\w+-]+(?:{_DOT}[\w+-]+)*)
      \s*(?:\(at\)|\[at\]|\barobase?\b|@)\s*(?P<domain2>{_DOMAIN})
    | (?P<local3>[\w+-]+(?:{_DOT}[\w+-]+)+)\s+at\s+(?P<domain3>{_DOMAIN})
    | (?:mail|e-?mail|address)(?:\s+(?:is|address))*\s*:?\s+
      (?P<local4>[\w+-]+)\s+at\s+(?P<domain4>{_DOMAIN})
    """
)
SPOKEN_DOT = _compile(r"\s+(?:point|dot)\s+|\s*\.\s*")

TRACKING_CUE = _compile(
    r"""
    (?: \bsuivi\b | \btracking\b | \btracked\b | \bcolissimo\b | \bchronopost\b
      | \bmondial\s?relay\b | \b(?:dpd|gls|ups|dhl|evri|royal\s?mail)\b
      | \bbordereau\b )
    (?: [\s:=,]+ | n[°o]?\.?(?=[\s:]) | num[eé]ros?\b | number\b | code\b | ref\b
      | c['’]est\b | est\b | is\b | le\b | voici\b | id\b | [\#] )*
    (?P<value>(?=(?:[\s-]?[a-z]){0,5}[\s-]?\d)[a-z0-9](?:[\s-]?[a-z0-9]){7,29})
    """
)
CARRIER = _compile(
    r"""(?<![a-z0-9])(?:
      1z(?:\s?[0-9a-z]){16}                                # UPS
    | [a-z]{2}(?:\s?\d){9}\s?[a-z]{2}                      # postal union S10
    | \d[a-z](?:\s?\d){11}                                 # Colissimo
    | h(?=(?:[a-z]*\d){8})[0-9a-z]{15}                     # Evri
    | (?:lp|tba|yt)\d{12,16}                               # Cainiao, Amazon, Yun
    | \d{11,22}                                            # DPD, GLS, couriers
    )(?![a-z0-9])"""
)
_MONTH = r"""(?:janv(?:ier)?|f[eé]v(?:rier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?
    |ao[uû]t|sept(?:embre)?|oct(?:obre)?|nov(?:embre)?|d[eé]c(?:embre)?|jan(?:uary)?
    |feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|september|october|november
    |december)\b\.?"""
PHONES = (
    _compile(r"(?<!\w)(?:\+|00)\d(?:[ .()-]?\d){7,13}(?!\w)"),
    _compile(r"(?<!\w)0\d(?:[ .-]?\d){8,9}(?!\w)"),
    _compile(r"(?<!\w)\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\w)"),
)
OTHER_NUMBERS = (
    _compile(r"(?<!\w)\d{1,4}[/.-]\d{1,2}(?:[/.-]\d{2,4})?(?![\w/])"),
    _compile(
        rf"(?<!\w)\d{{1,2}}(?:er|st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:\s+\d{{4}})?"
    ),
    _compile(
        rf"\b{_MONTH}\s+(?:\d{{1,2}}(?:st|nd|rd|th)?,?\s+)?(?:20\d\d|\d{{1,2}})\b"
    ),
    _compile(r"\b(?:en|in|since|depuis|de|of)\s+(?:19|20)\d\d\b"),
    _compile(r"[€$£]\s*\d+(?:[ .,]\d+)*"),
    _compile(
        r"(?<![\w])\d+(?:[ .,]\d+)*\s*(?:€|£|\$|(?:euros?|eur|balles|pounds?|quid"
        r"|dollars?|usd|gbp|cents?|centimes?)\b)"
    ),
    _compile(r"(?<![\w.,])\d+[.,]\d{1,2}(?![\w.,])"),
    _compile(
        r"(?<!\w)\d+\s*(?:[cm]?m|m?[lg]|kg|[gm]b|[gmt]o|m?ah|watts?|volts?|[wvh%]|heures?"
        r"|hours?|min(?:utes?)?|jours?|days?|semaines?|weeks?|mois|months?|ans?|years?|fois"
        r"|times|pouces|inch(?:es)?)(?!\w)"
    ),
    _compile(
        r"\b(?:taille|pointure|sizes?|sz)\s*:?\s*(?:eu\s?|uk\s?|us\s?|fr\s?)?\d{1,3}\b"
    ),
)
_WORDS_OF_TWO = (
    "au|as|ai|ce|ca|ça|de|du|en|es|et|eu|il|je|la|le|ma|me|ne|ni|no|nb|on|ou|où|sa|se|si|ta"
    "|te|tu|un|va|vu|am|an|at|be|by|do|go|he|if|in|is|it|my|of|or|so|to|up|us|we|cp|cb|bp"
)
LETTERED_ORDER = _compile(
    rf"""(?<![\w@.-])(?:n[°o]?\.?\s?)??
    (?P<letters>(?!(?:{_WORDS_OF_TWO})[\s_.-]*\d)[a-z]{{2}}
      |(?!(?:rma|tel|ref|cmd|cde|num|ean|sku|iso|usb|les|des|une|and|the|for|sur|par|num)\W*\d)
       [a-z]{{3}}(?=[-\d]))
    (?:\s?[-–_.#°]\s?|\s)?(?P<digits>\d(?:\s?\d){{3,7}})(?![\w@]|[.,]\d)"""
)
ORDER_CUE = _compile(
    r"""(?: \b(?:commandes?|cmd|cde|orders?|achat)\b | \bn[°º]\s?
      | \bn(?:um[eé]ro|um|b|r|o\.)(?=\W) | \bnumber\b | \bref(?:[eé]rence)?\b | [\#] )
    (?: [\s:=,\#°º]+ | \bn[°º]? (?=[\s.:]) | \bn(?:um[eé]ro|um|o|r)\b\.?
      | \b(?:number|ref|de|ma|la|commande|est|is|id|c['’]?\s?est|it['’]?s)\b )*
    (?P<digits>\d{3,10})(?![\w@]|[.,-]?\d)"""
)
_LEAD = (
    r"(?:(?:c['’]?\s?est|it['’]?s|le|la|the|oui|yes|non|no|sorry|pardon|voici)\b"
    r"[\s,:]*)*"
)
BARE_NUMBER = _compile(rf"^\W*{_LEAD}\W*(?P<digits>\d{{4,9}})\W*$")
UK_POSTCODE = re.compile(
    r"(?<!\w)([A-Z]{1,2}\d[A-Z\d]?)\s?(\d[ABD-HJLNP-UW-Z]{2})(?!\w)"
)
POSTCODE_CUE = _compile(
    r"""\b(?:code\s?postal|cp|post\s?code|zip(?:\s?code)?)\b
    (?:\s|:|=|\bis\b|\best\b|\bc['’]?est\b)*
    (?P<value>[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}|\d{2}\s\d{3}|\d{4,5})(?!\w)"""
)
FIVE_DIGITS = re.compile(r"(?<![\w@#.,-])\d{5}(?![\w@]|[.,-]\d)")
SURNAME = _compile(
    r"""\b(?:nom(?:\s+de\s+famille)?|surname|(?:last|family)\s+name)\b
    (?:\s*(?:est|is|:|=|c['’]est)\s*)+(?P<value>[^\W\d_][\w'’-]+)"""
)

COUNTS = {
    "un": 1, "une": 1, "one": 1, "deux": 2, "two": 2, "trois": 3, "three": 3,
    "quatre": 4, "four": 4, "cinq": 5, "five": 5, "six": 6, "sept": 7, "seven": 7,
    "huit": 8, "eight": 8, "neuf": 9, "nine": 9, "dix": 10, "ten": 10,
}  # fmt: skip
_COUNT = rf"(?P<count>\d{{1,2}}|{'|'.join(COUNTS)})"
_ONLY = (
    r"(?:juste|seulement|uniquement|que|just|only|les|the|all|oui|yes|en|toutes?|tous)"
)
_NOT_TIME = (
    r"(?!\s*(?:jours?|days?|semaines?|weeks?|mois|months?|h\b|ans\b|fois|times|%|€|cm))"
)
QUANTITIES = (
    _compile(
        rf"^\W*(?:{_ONLY}\s+)*{_COUNT}(?:\s+(?:seule?s?|only|svp|stp|please|pls"
        r"|of\s+them))*\W*$"
    ),
    _compile(
        rf"\b(?:(?:tou(?:te)?s\s+)?les|all(?:\s+the)?|the)\s+{_COUNT}\s*(?:$|[,.!?])"
    ),
    _compile(rf"\b(?:quantit[eé]|qt[eé]|quantity|qty)\s*:?\s*{_COUNT}\b"),
    _compile(rf"(?<!\w)x\s?{_COUNT}\b"),
    _compile(
        rf"""\b{_COUNT}\s+(?:articles?|produits?|pi[eè]ces?|paires?|exemplaires?|unit[eé]s?
        |items?|pieces?|pairs?|units?|of\s+(?:them|these|those)|d['’]entre)\b"""
    ),
    _compile(
        rf"""\b(?:renvoy\w+|renvoi\w*|retourn\w+|rend\w*|gard\w+|return(?:ing)?|keep(?:ing)?
        |send(?:ing)?\s+back)\s+(?:juste\s+|que\s+|only\s+|just\s+|les\s+|the\s+)?
        (?!une?\b|one\b){_COUNT}\b{_NOT_TIME}"""
    ),
)
BOTH = _compile(
    r"\bboth\b|\bles\s+(?:2|deux)\b(?=\s+(?:robes?|paires?|articles?)|\s*$|[,.!])"
)
