"""Numbers that are no order's: dates, prices, sizes, phones, and what bears its own."""

from __future__ import annotations

import re


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)


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
    _compile(r"(?<!\w)\d{1,4}[/.]\d{1,2}(?:[/.]\d{2,4})?(?![\w/])"),
    _compile(r"(?<![\w-])(?:\d{4}|[0-3]?\d)-[0-3]?\d(?:-\d{2,4})?(?![\w/])"),
    _compile(
        rf"(?<!\w)\d{{1,2}}(?:er|st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:\s+\d{{4}})?"
    ),
    _compile(
        rf"\b{_MONTH}\s+(?:\d{{1,2}}(?:st|nd|rd|th)?,?\s+)?(?:20\d\d|\d{{1,2}})\b"
    ),
    _compile(r"\b(?:en|in|since|depuis|de|of)\s+(?:19|20)\d\d\b"),
    _compile(r"[€$£]\s*\d+(?:[ .,]\d+)*"),
    _compile(
        r"(?<![\w.,])\d{1,9}(?:[ .,]\d{1,9}){0,4}\s?"
        r"(?:€|[£$](?!\s?\d)|(?:euros?|eur|balles|pounds?|quid|dollars?|usd|gbp|cents?|centimes?)\b)"
    ),
    _compile(r"(?<![\w.,])\d+[.,]\d{1,2}(?![\w.,])"),
    _compile(
        r"(?<!\w)\d+(?:[mlgwvh]|(?<!\d{4})\s+[mlgwvh]|\s*(?:[cm]m|m[lg]|kg|[gm]b|(?-i:[GMT]o)"
        r"|(?<!\d{4}\s)[gm]o|m?ah|watts?|volts?|lumens?|%|heures?"
        r"|hours?|min(?:utes?)?|jours?|days?|semaines?|weeks?|mois|months?|ans?|years?|fois"
        r"|times|pouces|inch(?:es)?))(?![\w'’])"
    ),
    _compile(  # « une commande de 250 stylos »
        r"\b(?:(?:commandes?|cmd|cde|achat)\sde|orders?\sof)\s\d{2,5}"
        r"\s(?!pas|mais|est|sans|dans|vous|nous|plus|tous|toujours|jamais|depuis|this|was|has"
        r"|les|des|mes|ses)[^\W\d][\w-]+[sx]\b"
    ),
    _compile(  # « combien de pièces dans le puzzle, 1000 ou 1500 ? »
        r"\b(?:combien\sd(?:e\s|['’])|how\smany\s)(?!comm|cmd|cde|order|temps|jours|days)"
        r"(?:(?!comm|cmd|cde|order|num|n°|\#)[^\d\n]){2,40}\d{2,5}\s(?:ou|or)\s\d{2,5}(?!\w)"
    ),
    _compile(  # "how many watts is it? 1200 or 1500?"
        r"\b(?:combien\sde|how\smany|quel\w*|what|which)\s(?:is\s|est\s)?(?:the\s|la\s)?"
        r"(?:watt\w*|volt\w*|puissance|power|lumens?|m?ah|litres?|calories|tours|rpm)\b"
        r"(?:(?!comm|cmd|cde|order|num|n°|\#)[^\d\n]){0,40}"
        r"\d{2,5}(?:\s(?:ou|or|et|and|à|to)\s\d{2,5})?(?!\w)"
    ),
    _compile(
        r"\b(?:taille|pointure|sizes?|sz)\s*:?\s*(?:eu\s?|uk\s?|us\s?|fr\s?)?\d{1,3}\b"
    ),
    _compile(
        r"(?<!\w)\d{3}\s*(?:pi[eè]ces?|pcs|unit[eé]?s?|articles?|items?|exemplaires?"
        r"|pai?rs?e?s?|personnes?|people)\b"
    ),
    _compile(r"(?<!\w)[a-z]{2}\d{2}(?:\s?[a-z0-9]{4}){3,7}(?:\s?[a-z0-9]{1,4})?(?!\w)"),
    _compile(r"\biban\W{1,3}[a-z]{2}\d{2}(?:\s?\d[a-z0-9]{0,3}){0,8}(?!\w)"),
    _compile(r"\d\s?%\s+(?:sur|de|of|off|on)\s+\d{3,9}\b"),
    _compile(r"(?<!\w)[cl]r\s?\d{1,4}\b"),  # batteries: CR2032, LR44
    _compile(r"\b(?:tva|vat)\b[^\d\n]{0,16}(?<!\w)[a-z]{2}\s?\d(?:\s?\d){6,11}(?!\w)"),
    _compile(r"(?-i:\b(?:NSW|VIC|QLD|WA|SA|TAS|ACT|NT)\s\d{4})(?!\w)"),  # Australia's
    _compile(r"\b(?:mes|nos)\s+\d{2,9}\b"),  # « rendez-moi mes 1250 » is money
    _compile(
        r"\b(?:appel\w+|compos\w+|r[au]ng|sms|texted)\s"
        r"(?:(?:le|au|the|on)\s){0,2}\d{3,6}\b"
    ),
)
# What bears numbers of its own. With letters in front it may be an order's after all.
_CALLED = r"""(?:[\s:=\#.-] | n[°º.]? (?=[\s:.]) | n[°º] | \b(?:num[eé]ros?|num|nr|no
    |number|id|r[eé]f(?:[eé]rence)?|is|est|c['’]est|le|la)\b ){0,8}"""
NUMBERED_THINGS = (
    _compile(
        rf"""\b(?:cliente?s?|customer|compte|account|dossier|ticket|case|factures?|invoice
        |code|digicode|t[eé]l[eé]?phone|t[eé]l|phone|mobile|portable|lot|batch|siret
        |s[eé]rie|serial|s/n|imei|sku|ean|articles?|produits?|product|items?
        |mod[eè]les?|model|app(?:art|t)(?:ement)?|apt|flat|b[aâ]t(?:iment)?|rma
        |num[eé]ro\s+de\s+retour|return\s+(?:number|id|no)
        |avoirs?|bons?\sd['’]achat|(?:ch[eè]que|carte)\s?cadeau|gift\s?card|relais
        |r[eé]clamations?|plainte|litige|complaint|claim|dispute|transaction
        |casier|locker
        |(?:agent|avis|part|conseill\w+|sav|retour|house|door|maison|porte)(?=\sn(?:\W|o|um)))\b
        {_CALLED}(?P<value>[a-z]?\d(?:[ -]?\d){{2,14}})(?![\w@])"""
    ),
    _compile(
        rf"""\b(?:articles?|produits?|items?|product)\b
        (?:(?!comm|cmd|cde|order)[^\n\d,.;]){{0,30}}\br[eé]f\w*\b
        {_CALLED}(?P<value>\d{{3,9}})(?![\w@])"""
    ),
    _compile(
        rf"""\b(?:promo(?:tion)?(?:\s?code)?|coupon|voucher|gift\s?card|carte\s?cadeau
        |rma|num[eé]ro\s+de\s+retour|return\s+(?:number|id|no)
        |(?<!mauvais\s)(?<!bon\s)(?<!autre\s)(?<!wrong\s)(?<!right\s)mod(?:[eè]les?|el))\b
        {_CALLED}(?P<value>(?:[a-z]{{2,8}}-?|[a-z]{{2}}\s)\d{{2,8}})(?!\w)"""
    ),
    _compile(
        rf"""\b(?:factures?|invoice|s[eé]rie|serial|sku|vol|flight|iban|tva|vat|ticket
        |dossier|(?:product|produit|article|item)\s(?:code|n[°º]?|no|number)
        |(?:code|r[eé]f\w*)\s(?:produit|article|fabricant)|(?:r[eé]f\w*\s(?:de\s)?)?retour|return\sref\w*)\b
        {_CALLED}(?P<value>(?!(?:fr|uk|gb)\W?\d)(?:[a-z]{{2,8}}-?|[a-z]{{2}}\s)\d{{2,8}}
        (?:-\d{{2,8}})?)(?!\w)"""
    ),
)
