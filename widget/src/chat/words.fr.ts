/** Every word of the chat's own, in French. The desk says the rest. */

export const title = "Retours et remboursements";
export const close = "Fermer la discussion";
export const menu = "Options";
export const log = "Messages";
export const assistant = "Assistant";
export const team = "L’équipe";
export const you = "Vous";
export const modes = {
  bot: "Assistant automatique",
  waiting: "L’équipe va vous répondre",
  human: "L’équipe vous répond",
};
export const typing = "L’assistant écrit…";
export const opening = "Ouverture de la discussion…";
export const lost = "Connexion perdue. Nouvel essai en cours, rien n’est perdu.";
export const states = {
  sending: "Envoi…",
  sent: "Envoyé",
  failed: "Non envoyé",
};
export const retry = "Réessayer";
export const edit = "Modifier";
export const cancel = "Annuler";
export const write = "Écrivez votre message";
export const send = "Envoyer";
export const fields = {
  order_number: "Votre numéro de commande",
  email: "Votre adresse e-mail",
  postcode: "Votre code postal",
  surname: "Votre nom de famille",
  code: "Le code reçu par e-mail",
  quantity: "Combien ?",
  tracking_number: "Le numéro de suivi",
  detail: "Racontez-nous en quelques mots",
} as Record<string, string>;
export const photo = "Ajouter une photo";
export const camera = "Prendre une photo";
export const drop = "Déposez votre photo ici";
export const photoOf = "Photo envoyée";
export const picture = "Image";
export const photoSending = (percent: number) => `Envoi de la photo, ${percent} %`;
export const photoReady = "Photo prête";
export const photoRemove = "Retirer la photo";
export const photoFailed = "La photo n’est pas partie";
export const refused = {
  kind: "Ce fichier n’est pas une photo que je sais lire. Choisissez une image JPEG, PNG ou WebP ; une capture d’écran convient aussi.",
  many: "Quatre photos par message, c’est le maximum. Envoyez celles-ci d’abord.",
  unreadable: "Cette photo ne s’ouvre pas : le fichier semble abîmé. Essayez-en une autre.",
};
export const answers = "Réponses proposées";
export const choose = "Choisissez un ou plusieurs articles";
export const chosen = (n: number) =>
  n === 0 ? "Choisissez un article" : n > 1 ? `Valider ${n} articles` : "Valider 1 article";
export const stars = (n: number) => `${n} sur 5`;
export const rate = "Votre note";
export const recap = "Récapitulatif";
export const toConfirm = "À confirmer";
export const parcel = "Pour votre colis";
export const rma_number = "Numéro à inscrire sur le colis";
export const return_address = "Adresse de retour";
export const label = "Ouvrir l’étiquette (PDF)";
export const document = "Ouvrir le document (PDF)";
export const newTab = "(nouvel onglet)";
export const copy = "Copier";
export const copied = "Copié";
export const copyNumber = "Copier le numéro";
export const copyAddress = "Copier l’adresse";
export const print = "Imprimer";
export const earlier = "Messages précédents";
export const fresh = "Aller à la suite";
export const today = "Aujourd’hui";
export const yesterday = "Hier";
export const startOver = "Recommencer";
export const startOverWhy =
  "Une nouvelle discussion commence ici. La boutique garde l’actuelle ; une demande déjà confirmée suit son cours.";
export const erase = "Effacer ma discussion";
export const eraseWhy =
  "Vos messages et photos sont effacés pour de bon. Ce qu’une demande de retour en cours exige est conservé.";
export const eraseFailed = "L’effacement n’a pas abouti. Réessayez dans un instant.";
export const privacy = (days: string) =>
  `Vos messages sont lus par la boutique et conservés ${days ? days + " jours" : "le temps de traiter votre demande"}.`;
export const privacyLink = "Vos données";
export const notices = {
  ended: "La discussion précédente est terminée.",
  erased: "Votre discussion est effacée.",
  partly: "La discussion est close. Ce que votre retour exige est conservé, le reste est effacé.",
};
export const begin = "Nouvelle discussion";
export const unloaded = "Cela ne marche pas pour l’instant. Réessayez dans un moment.";
