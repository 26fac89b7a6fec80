"""How customers spell order numbers, addresses, parcels and counts."""

from __future__ import annotations

import re


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)


_TLD = r"(?:com|fr|net|org|be|ch|eu|uk|de|es|it|ca|info)\b"
_DOT = (
    r"(?: \s?\.{1,3}\s? | \s+(?:point|dot)\s+ | \s*[(\[{<](?:point|dot|\.)[)\]}>]\s* )"
)
# Before the @ a dot with a blank behind it ends a sentence: "order UK 2173. joe@x.com".
_DOT_IN = _DOT.replace(r"\s?\.{1,3}\s?", r"(?:\s\.{1,3}\s?|\.{1,3}(?!\s))")
# "example,com" and "gmail com": a slip of the finger before a well-known ending.
_LAST_DOT = rf"(?: {_DOT} | \s?[,;]\s?(?={_TLD}) | \s+(?={_TLD}) )"
_DASH = r"(?: \s+(?:tiret(?:\s+(?:du\s+)?bas)?|underscore|dash|hyphen)\s+ )"
# Everything is as long as an address may be: 4,000 letters must not take long to read.
_START = r"(?<![\w.+%-])"
_WORD = r"[\w+-]{1,64}"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = rf"{_LABEL}(?:{_DOT}{_LABEL}){{0,4}}{_LAST_DOT}[a-z]{{2,12}}\b"
_SPOKEN_AT = (
    r"(?: [(\[{<](?:at|a|à|@|arobase)[)\]}>] | \barr?o\s?b[ae](?:s|ss|z|c)e?s?\b | @+ )"
)
_MAIL_HOST = (
    r"(?:gmail|hotmail|outlook|yahoo|icloud|orange|free|wanadoo|laposte|sfr|live|aol"
    r"|msn|proton|protonmail|btinternet|bbox|neuf|numericable)"
)
GLUED_ENDING = _compile(rf"^(?P<host>{_MAIL_HOST})(?P<ending>{_TLD})$")
EMAIL = _compile(
    rf"""
    {_START}(?: (?P<local>[\w.+%-]{{0,63}}[\w+%-])\s?@\s?
      (?P<domain>{_LABEL}(?:\.{_LABEL}){{0,4}}\.[a-z]{{2,12}}\b)
    | (?P<local2>{_WORD}(?:(?:{_DOT_IN}|{_DASH}){_WORD}){{0,4}})
      \s{{0,3}}{_SPOKEN_AT}\s{{0,3}}(?P<domain2>{_DOMAIN})
    | (?P<local3>{_WORD}(?:(?:{_DOT_IN}|{_DASH}){_WORD}){{1,4}})\s+(?:at|[aà]|chez)\s+
      (?P<domain3>{_DOMAIN})
    | (?:mail|e-?mail|adresse?|address)
      (?:\s+(?:is|est|c['’]?est|address|mail)){{0,3}}\s*:?\s+
      (?P<local4>{_WORD})\s+(?:at|[aà]|chez)\s+(?P<domain4>{_DOMAIN})
    | (?P<local5>{_WORD})\s+at\s+
      (?P<domain5>{_MAIL_HOST}(?:{_LAST_DOT}[a-z]{{2,12}}\b){{1,2}})
    | (?<!.)(?:(?:it|c)['’]?\s?(?:s|est)\s+)?
      (?P<local6>{_WORD})\s+(?:at|chez)\s+(?P<domain6>{_DOMAIN})\W*$
    | (?P<local7>[\w.+-]{{1,64}})\s?@\s?(?P<domain7>{_MAIL_HOST}{_TLD})
    )"""
)
SPOKEN_DOT = _compile(rf"{_DOT} | \s?[,;]\s? | \s+(?={_TLD}$)")
SPOKEN_UNDERSCORE = _compile(r"\s+(?:tiret\s+(?:du\s+)?bas|underscore)\s+")
SPOKEN_DASH = _compile(r"\s+(?:tiret|dash|hyphen)\s+")

TRACKING_CUE = _compile(
    r"""
    (?: \bsuivi\b | \btracking\b | \btracked\b | \bcolissimo\b | \bchronopost\b
      | \bmondial\s?relay\b | \b(?:dpd|gls|ups|usps|dhl|evri|fedex|yodel|royal\s?mail)\b
      | \bbordereau\b )
    (?: [\s:=,] | n[°o]?\.?(?=[\s:]) | num[eé]ros?\b | number\b | code\b | ref\b
      | c['’]est\b | est\b | is\b | le\b | voici\b | id\b | [\#]
      | (?:for|my|your|return|parcel|mon|retour|colis|du|de)\b ){0,20}
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
    | [a-z]{2}\d{8,10}                                     # relays: no order
    )(?![a-z0-9])"""
)
_WORDS_OF_TWO = (
    "au|as|ai|ce|ca|ça|de|du|en|es|et|eu|il|je|la|le|ma|me|ne|ni|no|nb|on|ou|où|sa|se|si|ta"
    "|te|tu|un|va|vu|nr|am|an|at|be|by|do|go|he|if|in|is|it|my|of|or|so|to|up|(?-i:us)(?!-)|we|cp|cb|bp"
    "|ok|id|bl|hp|lg|hi|re|eh|oh|ah|pr|ds|um|uh|hm|mm|er|tt|ya|mr|ms|dr|av|bd|rd|pk|ps"
)
# What hurried fingers glue to a number: « fr1042merci ».
GLUED = r"(?:svp|stp|merci|bonjour|bjr|pls|plz|please|thanks?|thx|hello)\b"
SAID_DASH = r"\s(?:tiret(?:\s(?:haut|du\s(?:six|6)))?|dash|hyphen|moins|minus)\s"
LETTERED_ORDER = _compile(
    rf"""(?:(?<![\w@.-])|(?<=\bcmd[-_])|(?<=\bcde[-_])|(?<=\border[-_]))(?:n[°º.]\s?)??
    (?P<letters>(?!(?:{_WORDS_OF_TWO})[\W_]*\d)[a-z]{{2}}
      |(?!(?:rma|tel|ref|cmd|cde|num|ean|sku|iso|usb|les|des|une|and|the|for|sur|par
        |inv|fac|ret|sav|tkt|lot|mod)\W*\d)
       [a-z]{{3}}(?=[-\d])
      |(?-i:[B-XZ][ .-]{{1,2}}[B-XZ]))
    (?:\s?[-_.:·#°/]{{1,2}}\s?|{SAID_DASH}|\s)?
    (?P<digits>\d(?:\s?\d){{3,7}}|\d\d-\d\d(?:-\d\d)?
      |(?:(?=[oil]?\d)|(?<=[-_.:#/]))(?=[oil]*\d[oil]*\d)[\doil]{{4,8}})
    (?:(?={GLUED})|(?![\w@]|[.,]\d))"""
)
# Letters that tell a shop's country may stand farther off, or behind.
_COUNTRY = r"f\W?r|u\W?k|g\W?b"
COUNTRY_ORDER = _compile(
    rf"""(?<![\w@.-])(?: (?P<letters>{_COUNTRY})\b
      \W{{0,4}}(?:(?:n[°º.o]?|num[eé]ros?|number|no|then|puis|et|and)\W{{1,3}})?
      (?P<digits>\d{{4,8}})(?![\w@]|[.,-]\d|\s\d)
    | (?P<digits2>\d{{4,8}})[\s-]?(?P<letters2>(?-i:FR|UK|GB)|uk)\b )"""
)
# Hurried fingers: comande, commmade, cmde, oder, ordr, nbr, numbr.
_ORDER = (
    r"(?:co?m?mm?an?de?s?|co?mm?andes?|cmde?s?|co?mm?n?d|cde|orders?|oders?|oreders?"
    r"|odrer|ordr|ordre|ord|achat|order(?:number|num|nr|no)|purchase)"
)
_NUMBER = r"n(?:[umebr]{1,5}r|umb|ro)"
_CUE = rf"""(?: \b{_ORDER}(?:\b|(?=[\d_]))
      | \bn\s?[°º.]\s?
      | \bn(?:um[eé]ro|um|r|o\.)(?=\W) | \bno(?=\d) | (?<![\w/])n\s?(?=\d{{4}})
      | \b{_NUMBER}\b | \br[eé]f(?:[eé]rence)?\b | [\#] )
    (?: [\s:=,.("«\#°º_-] | ['’]s\b | \bn[°º]? (?=[\s.:]) | \bn(?:um[eé]ro|um|o|r)\b\.?
      | \b(?:{_NUMBER}|(?:le\s+)?suivante?|as\s+follows|i\s+have|ending|called|with
        |(?:on|sur|in)\s(?:the|my|le|mon|ma|la)\s(?:receipt|re[çc]u|e?-?mail|confirmation)
        |r[eé]f|de|ma|la|com|{_ORDER}|est|is|id|c['’]?\s?est|it['’]?s)\b
    ){{0,20}}"""
ORDER_CUE = _compile(
    rf"""{_CUE}
    (?P<digits>\d{{3,10}}|\d{{1,3}}[ .,]\d{{3}}|\d(?:[ .-]\d){{3,7}}
      |\d\d[ -]\d\d(?!\s?[\d/:h])|(?=[oil]?\d)(?=[oil]*\d[oil]*\d)[\doil]{{4,8}})
    (?:(?={GLUED})|(?![\w@]|[.,-]?\d))"""
)
# What stands before a number in words, or before letters and digits like a parcel's.
ORDER_BEFORE = _compile(rf"{_CUE}$")
LETTERS_BEFORE = _compile(
    rf"""(?<![\w@.-])
    (?P<letters>(?!(?:{_WORDS_OF_TWO})\b)[a-z]{{2}}|(?-i:[B-XZ][ .-]{{1,2}}[B-XZ]))
    \W{{0,3}}(?:(?:tiret|dash|hyphen|moins|minus)\W{{0,3}})?$"""
)
# "UK-2051, sorry, 2015": the first one was a slip.
_SLIP = (
    r"(?:euh|uh|non|nope|pardon|sorry|d[eé]sol[eé]e?|oups|oops|mince|erreur|wait"
    r"|no(?=\W+(?:wait|sorry))|i\smean|je\sveux\sdire)\b"
)
CORRECTED = _compile(
    rf"\W{{0,5}}(?:{_SLIP}\W{{1,5}}){{1,4}}(?:c['’]est|it['’]?s)?\W{{0,3}}"
)
# « pas la 1042 mais la 1043 », "not 4410, 4411": the one before is denied,
DENIED = _compile(
    r"\b(?:pas|not|isn['’]?t|wasn['’]?t)\s(?:(?:c['’]est|la|le|the|it['’]?s|number|num)\s)?$"
)
INSTEAD = _compile(
    r"\W{0,3}(?:\([^()\d]{1,40}\)\W{0,3})?(?:\b(?:mais|but|plut[oô]t|rather|c['’]est|it['’]?s|it\sis|la|le|the)\b\W{0,3}){0,4}"
)
# "6620 not 6621", « la 1042 et pas la 1043 »: the one behind,
NOT_NEXT = _compile(
    r"\W{1,3}(?:(?:et|and)\s)?(?:pas|non|not|au\slieu\sd[eu]|instead\sof|rather\sthan)"
    r"\W{1,3}(?:(?:la|le|the)\s)?"
)
# "i put UK-521 before, its UK-512": the one before was another time's.
BEFORE_NOW = _compile(
    r"\s(?:before|earlier|avant|tout\sà\sl['’]heure)\W{1,3}"
    r"(?:(?:mais|but|now|it['’]?s|it\sis|c['’]est)\W{1,3}){1,3}"
)
# "orders 1042 and 1043", "UK-2051, 2052"
MORE_ORDERS = _compile(
    rf"(?:{CORRECTED.pattern}"
    r"|\s?(?:,|&|/|\+|\b(?:et|and|or|ou|soit)\b)\s?(?:(?:la|the|maybe|also|aussi)\s)?)"
    r"(?P<digits>\d{4,9})(?![\w@€$£%]|[.,-]?\d|\s?(?:€|eur|£|\$|pounds?|dollars?)"
    r"|\s(?-i:[A-Z])[a-zé])"
)
# « la 1042 ne va pas », "where is the 2051"; a year or a count of things is none.
_NO_YEAR = r"(?!(?:19|20)[0-3]\d\b)"
_ENDS = r"""(?=\W*$ | \s*[.,;:!?)\n](?!\d) | \s+(?:et|mais|car|parce|qui|que|svp|stp
    |merci|lol|pour|est|n|ne|a|à|c|je|j|ou|and|but|because|cos|please|pls|which|that|is|was|has|to
    |for|i|or)\b)"""
THE_NUMBER = _compile(
    rf"""\b(?:la|le(?!\s\d{{5}}\b)|cette|the|this|cancel|annul\w+|regarding|concerning|concernant
    |(?:send|deliver|ship|redirect)(?=\s\d{{4,9}}\sto\s\d))\s+{_NO_YEAR}
    (?P<digits>\d{{4,9}}){_ENDS}"""
)
# "30871 is my order number", "its 30871 sorry, order number i mean"
_THE_ORDERS = (
    rf"(?:{_ORDER}\s?(?:{_NUMBER}|no|num|nr)|(?:num[eé]ro|num|n°)\s(?:de\s)?{_ORDER})\b"
)
_I_MEAN = r"\s(?:i\smean|that\sis|je\s(?:veux|voulais)\sdire|je\sparle)\b"
NUMBER_OF_ORDER = _compile(
    rf"""(?<![\w@.,-])(?P<digits>\d{{4,9}})(?=(?:
    (?:\s?[,(-]\s?|\s(?:is|est|c['’]?\s?est|it['’]?s|that['’]?s|being)\s){{1,2}}
      (?:(?:my|the|mon|le)\s)?{_THE_ORDERS}(?:{_I_MEAN}|\s*[.;!?)\n]|\s*,(?!\s?\d)|\W*$)
    |[^\d\n.;!?]{{1,40}}\b{_THE_ORDERS}{_I_MEAN})(?!\W*\d))"""
)
# "can you check 3307 and 3310"; a range or round numbers are counts of something
PAIR = _compile(
    rf"""(?<!entre\s)(?<!between\s)(?<!from\s)(?<!de\s)(?<![\w.,-]){_NO_YEAR}
    (?P<digits>(?!\d\d00)\d{{4}})(?=\s(?:et|and|&)\s{_NO_YEAR}(?!\d\d00)\d{{4}}
    (?![\w€$£%]|[.,-]?\d|\s?(?:€|eur|£|\$|pound|dollar)))"""
)
# « deux commandes en cours : 4512 », "the order of my husband, 3307"; five digits
# behind a comma may be a postcode, and what was paid or where it went is no order.
FAR_ORDER = _compile(
    rf"""\b{_ORDER}(?:\s(?!pa[iy]|cost|co[uû]t|prix|price|total|mont|adres|addres|li[vr]
    |deliver|code|t[eé]l|tail|size|mod)[^\W\d_]+['’]?){{1,6}}
    (?:\s?:\s?|\s?[,(]\s?(?!\d{{5}}\b)){_NO_YEAR}(?P<digits>\d{{4,8}}){_ENDS}"""
)
NUMBER = _compile(r"(?<![\w@.,-])(?:\d{4,9}|\d(?:[ .-]\d){3,7})(?![\w@]|[.,-]\d)")
UK_POSTCODE = re.compile(
    r"(?<!\w)([A-Z]{1,2}\d[A-Z\d]?)\s?(\d[ABD-HJLNP-UW-Z]{2})(?!\w)"
)
POSTCODE_CUE = _compile(
    r"""\b(?:code\s?postal|cp|post\s?code|zip(?:\s?code)?)\b
    (?:\s|:|=|\bis\b|\best\b|\bc['’]?est\b|\ble\b){0,20}
    (?P<value>[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}|\d{2}\s\d{3}|\d{4,5})(?!\w)"""
)
_NO_NAME = (
    r"(?!(?:et|and|mon|ma|mes|my|je|j|i|code|cp|post\w*|zip|e|e?mail|adresse|address"
    r"|commande|order|num[eé]ro|number|svp|merci|please|thanks?|c|ce|il|elle|on|pour"
    r"|for|from|avec|with|habite|at|is|est|mais|but|n|no|the|qui|who|sur|in|to)\b)"
)
_NAME = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
_NAMES = rf"{_NO_NAME}{_NAME}(?:[ ]{_NO_NAME}{_NAME}){{0,3}}"
_SURNAME_CUE = r"(?:nom(?:\s+de\s+famille)?|surname|(?:last|family)\s+name)"
SURNAME = _compile(
    rf"""
    (?: \b{_SURNAME_CUE}(?:\s{{0,5}}(?:\b(?:est|is)\b|c['’]est|:|=)\s{{0,5}}){{1,3}}
    | \b{_SURNAME_CUE}\s+(?=(?-i:[A-ZÉÈÀÇÖÜŒ]))
    | \b(?:au\s+nom\s+de|m['’]appelle|my\s+name\s+is|my\s+name['’]s)\s+
    | \bname\s+on\s+(?:the|my)\s+order\s*(?:is|:)\s*
    )(?P<value>{_NAMES})"""
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
# "I was only sent two of the three" counts what came, not what comes back.
_CAME = r"(?<!\bgot\s)(?<!received\s)(?<!sent\s)(?<!only\s)(?<!re[çc]u\s)(?<!\bque\s)"
QUANTITIES = (
    _compile(
        rf"^\W*(?:{_ONLY}\s+)*{_COUNT}(?:\s+(?:seule?s?|only|svp|stp|please|pls"
        r"|of\s+them))*\W*$"
    ),
    _compile(
        rf"""{_CAME}\b{_COUNT}\s+(?:of\s+(?:the|my|your)|des|de\s+(?:mes|ces|nos|vos))\b
        (?!\s+(?:worst|best|most|reasons?|pires?|plus|meilleur))"""
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
