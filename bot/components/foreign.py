"""Messages in a language that we do not speak, told by script and by common words.

The words are those of talk about orders, and none of them is French or English;
a loanword or a greeting in a French sentence is outnumbered.
"""

from __future__ import annotations

import re
import unicodedata

from bot.components.plain import plain

_WORDS = {
    "es": "hola buenos buenas dias tardes noches gracias quiero quisiera necesito"
    " devolver devolucion reembolso dinero pedido pedi compra compre paquete llego"
    " llegado recibido recibi vestido zapatos talla grande pequeno pequena demasiado"
    " roto rota esta estan muy pero porque por como cuando donde puedo puede el los"
    " las del mi mis una unos con sin tengo tiene hacer ayuda favor todavia aun"
    " nunca envio direccion cambiar otro otra mas y que ha he no me te se le les nos"
    " tu su sus es son era fue hay para pide pido algo todo nada solo queda quedan"
    " quedo funciona funcionan llega llegan enviado enviaron mandaron color lampara"
    " cafetera zapatillas camisa falda falta faltan problema duda quien cuanto"
    " cuesta devuelvan devolverlo",
    "de": "hallo guten tag morgen abend danke bitte ich mochte moechte will brauche"
    " zuruckgeben zurueckgeben zuruckschicken zurucksenden rucksendung rueckgabe"
    " ruckgabe geld zuruck zurueck bestellung bestellt paket angekommen kleid schuhe"
    " grosse zu klein gross kaputt ist sind nicht kein keine das der die den dem ein"
    " eine einen mein meine meinen und oder aber weil wie wann wo kann konnen habe"
    " hat wurde werden mit ohne fur fuer auf wir sie noch immer leider umtauschen"
    " hilfe lieferung adresse falsch falsche rechnung sprechen deutsch es im am an"
    " aus bei bin bist war waren viel mehr sehr schon nie heute gestern woche mir"
    " mich ihr euch ihnen dein ihre unser lampe funktioniert hose jacke bluse hemd"
    " ware artikel ruckerstattung umtausch bekomme bekommen erhalten geliefert gerne"
    " gern hatte hatten frage dieser diese dieses nur passt passen nichts etwas",
    "it": "ciao buongiorno buonasera salve grazie vorrei voglio devo restituire reso"
    " rimborso soldi ordine ordinato pacco arrivato arrivata ricevuto vestito scarpe"
    " taglia troppo piccolo piccola grande rotto rotta sono che con per il lo gli"
    " del della dello mia mio miei un una uno ho ha hanno come quando dove posso puo"
    " perche ancora mai spedizione indirizzo cambiare altro altra aiuto favore anche"
    " molto questo questa e non di piu la le i in a da dal dalla nel nella si mi ti"
    " ci vi lei lui ma se cosa chi quanto funziona funzionano arriva sbagliato"
    " sbagliata strette stretto larghe lampada maglia camicia pantaloni gonna"
    " problema vostro vostra vostri indietro",
    "nl": "hallo goedemorgen goedemiddag goedenavond dag bedankt dank graag ik wil zou"
    " moet terugsturen retourneren retour terug terugbetaling geld bestelling"
    " besteld pakket aangekomen ontvangen jurk schoenen maat klein groot kapot niet"
    " geen het een mijn jullie uw u en of maar omdat hoe wanneer waar kan heb heeft"
    " hebben is zijn was met zonder voor naar nog steeds helaas ruilen hulp levering"
    " adres verkeerde verkeerd deze dit dat kunt de te van op in aan bij mij me je"
    " jij we ze er wel dan nu die wat wie waarom werkt werken lamp broek trui jas"
    " past passen product artikel verzonden geleverd nooit vraag kunnen krijg"
    " krijgen gekregen andere kleur schoen pakje goedendag dankjewel alsjeblieft"
    " alstublieft",
    "pt": "ola bom boa dia tarde noite obrigado obrigada quero queria gostaria preciso"
    " devolver devolucao reembolso dinheiro encomenda pedido comprei compra pacote"
    " chegou recebi vestido sapatos tamanho grande pequeno pequena muito demais"
    " quebrado quebrada partido esta estao mas porque por como quando onde posso"
    " pode os da do das dos meu minha meus com sem tenho tem fazer ajuda favor ainda"
    " nunca envio morada endereco trocar outro outra mais nao que uma voces o a e de"
    " em no na nos nas um se me te lhe eu ele ela isso este sao foi ser estou ficou"
    " funciona funcionam candeeiro calcas camisola tamanhos volta enviaram errado"
    " errada problema ajudar quanto custa devolva",
    "pl": "dzien dobry czesc dziekuje prosze chce chcialbym chcialabym zwrocic zwrot"
    " pieniadze zamowienie paczka przyszla sukienka buty rozmiar za maly mala duza"
    " zepsuty nie jest moje moja moj jak kiedy gdzie moge mam bez dla jeszcze adres"
    " to i w na sie a z o we po od do ten ta tego mi mnie ci pani pan czy co kto"
    " dlaczego juz sa byl byla byly dziala dzialaja dostane dostalam dostalem"
    " przyszlo zly zla rozmiaru spodnie kurtka koszula pomoc wymienic reklamacja"
    " zamowienia",
    "ro": "buna ziua multumesc vreau as dori returnez retur banii comanda colet ajuns"
    " primit rochie pantofi marime prea mic mica mare stricat este sunt nu meu mea"
    " cum cand unde pot am fara pentru inca adresa si la cu ca e o un de pe in din"
    " mi imi va au fost mai foarte coletul rochia pantofii functioneaza marimea"
    " gresit gresita ajuta problema bani inapoi schimb",
    "tr": "merhaba tesekkurler tesekkur istiyorum iade etmek para siparis siparisim"
    " kargo"
    " geldi elbise ayakkabi beden kucuk buyuk bozuk degil benim nasil ne zaman"
    " nerede yardim hala adres cok ama icin bir ve bu mi mu daha gibi var yok hic"
    " bana bizim siz lutfen neden hangi kac elbisem ayakkabilar ayakkabilarim urun"
    " urunu kirik yanlis eksik gelmedi parami geri iadesi degisim degistirmek kargom"
    " kargomu nerde calismiyor bedeni",
    "sv": "jag du han hon vi ni de dem mig dig min mitt mina din ditt er ert och eller"
    " men att som inte ar var vill skulle kan kunde ska har hade fick fatt nar hur"
    " varfor vad tack hej god morgon paket paketet klanning klanningen skor skorna"
    " jacka byxor storlek liten stor for till fran pa av med utan retur returnera"
    " returneringen pengar pengarna tillbaka bestallning bestallningen bestallt"
    " kommit fram fel vara varan trasig fungerar lampan hjalp behover adress"
    " aterbetalning byta",
    "da": "jeg du han hun vi i de mig dig min mit mine din dit og eller men at som ikke"
    " er var vil ville kan kunne skal har havde fik faet nar hvordan hvorfor hvad"
    " hvor tak hej god pakke pakken kjole kjolen sko skoene jakke bukser storrelse"
    " lille liten stor for til fra pa av med uten uden retur returnere penge pengene"
    " tilbake tilbage bestilling bestillingen bestilt kommet frem feil forkert"
    " forkerte vare varen odelagt virker fungerer lampen hjelp hjaelp trenger"
    " adresse refusjon bytte",
    "cs": "ja ty my vy me muj moje moji je jsem jsou neni byl byla bylo chci chtel"
    " chtela"
    " bych vratit vraceni penize zpet objednavka objednavku objednavky zasilka"
    " zasilku balik saty boty bunda kalhoty velikost maly mala male velky velka"
    " velke rozbity rozbita nefunguje kde kdy jak proc dobry den prosim dekuji"
    " dekuju ahoj pomoc adresa vymenit jeste prisel prisla prislo spatny spatna a na"
    " v se mi",
    "hr": "ja ti mi vi moj moja moje je sam su nije bio bila bilo zelim htio htjela bih"
    " vratiti povrat novac natrag narudzba narudzbu narudzbe paket haljina haljinu"
    " cipele jakna hlace velicina mali mala malo velik velika premala premali"
    " prevelika prevelike pokvaren ne radi gdje kada kako zasto dobar dan molim"
    " hvala bok pomoc adresa zamijeniti jos stigao stigla stiglo krivi kriva u na se"
    " za i od do gde",
    "hu": "a az es en te mi ti ez egy nem van volt hogy mikor hol miert szeretnem"
    " szeretnek kerem koszonom udvozlom szia jo napot csomag csomagom csomagot ruha"
    " ruhat cipo cipot meret kicsi nagy tul visszakuldeni kuldeni vissza penz penzem"
    " penzt rendeles rendelesem rendelest megerkezett rossz hibas torott mukodik"
    " csere segitseg cim meg",
    "fi": "mina sina han me te he se on ei ole oli ovat en haluan haluaisin voinko"
    " voisin"
    " palauttaa palautus rahat rahani takaisin tilaus tilaukseni tilauksen paketti"
    " pakettini mekko kengat kengan takki koko liian pieni pienet suuri iso rikki"
    " toimi toimii missa milloin miten miksi hei kiitos apua osoite vaihtaa viela"
    " saapunut tullut vaara vaaran tuote ja",
    "id": "saya aku kamu anda kami kita ini itu yang dan atau tapi tidak belum sudah"
    " ingin mau bisa akan dengan untuk dari ke di mengembalikan kembalikan"
    " pengembalian uang pesanan paket gaun baju sepatu ukuran kecil besar terlalu"
    " rusak salah barang kapan dimana mana bagaimana kenapa terima kasih halo"
    " selamat tolong alamat tukar",
    "vi": "toi ban minh chung la va hoac nhung khong chua da muon co the voi cho tu den"
    " o"
    " tra hang lai tien hoan don goi vay ao giay size nho lon rong chat qua hong sai"
    " khi nao dau tai sao cam on xin chao giup dia chi doi bi",
}
_SHARED = (
    "a adores adress adresse ai all also am an and anda ar are arriva as at au aun"
    " aux avec bad ban bat be bin bio boa boi bok bon bonjour bons boot bot bra bras"
    " bu bud bus but buy by c ca cam camisa can car ce ces cette chao chat chi cho ci"
    " ciao co cola colis color com come commande con cu cum d da dal dan dans dar das"
    " dat date dau day de dem den der dere des dey dia die dig din dis dit do dog doi"
    " don dona dori dos dress du duda e eg egg eh ei elle em email en er era ere eres"
    " es est et eu ey falta favor fel fem fin fine fit foi for fort fra fran from fur"
    " gear gel geri god gonna grand grande gross grosse gud ha had hal hall halo hang"
    " has hat have hay he hei hej hem her hi hic his ho hol hon hong hose how hun hus"
    " i il ils im in is iso it its j jag jak jar jas je jo kan ke ko koko l la lai"
    " lamp lampe lang lange las le lei les leur lille lo lon los lui m ma mac mag mai"
    " mail mais mal mala male mali malo mam man mana mano mar mare mas masse mate me"
    " mea med meg men mer merci mere mes met mi mia mic mica mig mil min mina mine"
    " minh mir mis mit moi mon mu my n na nada nah nar nas ne nel ner net neu ni nie"
    " no nom non nos not note notes nous now nu nun nur o od oder of ole on ont op or"
    " ora order ore os ou our over pa pair pak pakt pan pant panta pants par para"
    " parcel partial pas past pe per perche petit petite place plus po pose pot pour"
    " proc product qu qua que qui rad radi ran rest retour retur rong rota sa sai"
    " salve sam san sans se sed sen ser seri ses set she si sin sina sit siz size"
    " small so som son sont spa stor su sud sur t ta tac tack tag tai tak tarde tas"
    " tau te tel ten ter tes that the their them there they this ti tier till tip to"
    " todo toi ton too tot total tra tres trop tu ty u um un unde under une uno up us"
    " ut v va val van var vara vas ve vest vi via viel vil vill ville voisin volt"
    " volta vos votre vous w want war ware was wat we weil wel wen what when where"
    " which who wie wil will wit with wo won y yang yo you your z za zero zip zo"
)
_OURS = frozenset(_SHARED.split())
_KNOWN = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_WORD = re.compile(r"[^\W\d_]+")
# Letters that neither French nor English has; they tell that it is neither.
_MARKED = re.compile(r"[ñãõåøäßłżźśćńęąğışőűțșşţăěřůčšžđ¡¿ạ-ỹơư]", re.IGNORECASE)
SHORT = 3  # words; in so few, one that is not of another language is too many


def is_foreign(text: str) -> bool:
    """Whether the bulk of the text is in neither French nor English."""
    words = _WORD.findall(plain(text))
    if not words:
        return False
    if _other_script("".join(words)):
        return True
    marked = len(_MARKED.findall(text)) > 0
    return any(_is_in(known, words, marked) for known in _KNOWN.values())


def _is_in(known: frozenset[str], words: list[str], marked: bool) -> bool:
    """Two words of this language alone, and more of them than of ours alone.

    A strange letter is worth one of the two.
    """
    theirs = sum(word in known and word not in _OURS for word in words)
    ours = sum(word in _OURS and word not in known for word in words)
    told = theirs + (marked and theirs > 0)
    if len(words) <= SHORT:
        return told >= 2 and ours == 0
    return told >= 2 and told > ours and told >= len(words) / 4


def _other_script(letters: str) -> bool:
    latin = sum(unicodedata.name(c, "").startswith("LATIN") for c in letters)
    return latin < len(letters) / 2
