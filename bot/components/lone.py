"""Whether a number is all that a message, or a line of it, tells.

Beside it only words that say nothing of what it counts: greetings, thanks,
« c'est la », "my order", or somebody's name.
"""

from __future__ import annotations

import re

from bot.components.plain import plain

MOST_NAMES = 2
# « Noël 2025 », « 69003 Lyon » name no customer.
YEAR = re.compile(r"(?:19|20)[0-3]\d$")
TOWN = 5  # digits
FEWEST = 4  # of an order
_WORDS = """
    a ah alors au aussi bien bjr bonjour bonsoir bsr c ca ce cela celle celui cest ces
    cette coucou d dac de des desole desolee donc du elle en encore est et euh excusez
    hello ici il j je l la le les m ma madame mademoiselle mercii merci mon monsieur
    mes moi non nah nn ok okay oui ouais pardon plait pour pr prie qui re remercie rien
    s salut si slt stp sur svp tenez tiens tout va voici voila vous y n ne mince oups
    an and are but damn em fine for good here hey hi i im is it its know me my no of oh
    okay on ones one only oops pls please plz right s so sorry sure thank thanks that
    thats the them there think this thx to ty u uh um was well ya yeah yep yes you
    your go
    que crois pense peut etre doit maybe might should mail email confirmation
    achat cde cmd cmde commande commandes comande num numero numeros number nr order
    orders ordre ref reference suivante following
    concerne concernant parle correspond dit marque ecrit affiche says said
    written shows
    renvoie renvoyer retour retourner retours rendre rends return returning refund
    rembourser remboursement annuler annulez cancel voudrais veux souhaite want need
    like would where wheres ou suis status statut of track about regarding
    et ou or follows following as
    probleme problem pb prob souci soucis issue news nouvelles any with avec send back
    partiel soit deja dis donne given told meant already pas not what receipt says lis
    lire jcrois jpense jsuis ai nom name under sous ben bah toujours still rien jamais
    never mais un une note papier recu dessus noted wrote lol mdr
"""
_PART = re.compile(r"(?:\s?[,.;:!?…\n(]|\s[-/](?=\s))+\s*")
_HAS_WORD = re.compile(r"[^\W\d]")
_LIGHT = frozenset(_WORDS.split())


def is_alone(text: str, start: int, end: int) -> bool:
    """Whether nothing else is told from start to end of its line, or of the message."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    line = text[first:start], text[end : last if last >= 0 else len(text)]
    number = text[start:end]
    return (
        _is_bare(*line)
        or _is_light(text[:start], text[end:], number)
        or _is_presented(text[:start], text[end:], number)
    )


def _is_bare(before: str, after: str) -> bool:
    return not any(c.isalnum() for c in before + after)


def _is_presented(before: str, after: str, number: str) -> bool:
    """« Attendez… ok c 3120 », « Bonjour, 4512 : le pull a un trou ».

    Set off in its own part of the sentence, by some word or behind a greeting only.
    """
    if len(number) == TOWN or YEAR.match(number):
        return False
    opens = not is_heavy(before) and _PART.match(after)
    part = f"{_PART.split(before)[-1]} {_PART.split(after)[0]}"
    return bool(opens or _HAS_WORD.search(part)) and not is_heavy(part)


def is_heavy(text: str) -> bool:
    """Whether some word of `text` tells of something."""
    return any(
        plain(word) not in _LIGHT
        for word in re.findall(r"\w+", text)
        if not word.isdigit()
    )


def _is_light(before: str, after: str, number: str) -> bool:
    names, town = 0, False
    for word in re.findall(r"\w+", f"{before} {after}"):
        if word.isdigit() and len(word) == len(number) >= FEWEST:
            continue  # another one of the kind: « 1042 et 1043 »
        if word.isdigit() and len(word) == TOWN:
            town = True
            continue
        if any(c.isdigit() for c in word):
            return False
        if plain(word) not in _LIGHT:
            names += 1
            if names > MOST_NAMES or not word.istitle():
                return False
    if YEAR.match(number):
        return False
    return not names or not (town or len(number) == TOWN)
