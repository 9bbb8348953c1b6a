"""The information and consent text of each protocol: part of the frozen version, so it is known who read what."""

from treatments.catalogue.shared import INSERM, NO_PROMISE, PAYMENT
from treatments.catalogue.words import Text, paragraphs

OPENING = Text(
    "Ce texte résume ce que le médecin vous expliquera de vive voix. Le lire et le cocher ne remplace ni l'entretien, ni votre "
    "consentement, que vous donnez au médecin et que vous pouvez reprendre à tout moment, sans avoir à vous justifier.",
    "This text sums up what the physician will explain to you in person. Reading and ticking it replaces neither the "
    "conversation nor your consent, which you give to the physician and can withdraw at any time without giving a reason.",
)
NEEDLING = Text(
    "Un médecin ouvre dans la peau de très fins canaux avec des micro-aiguilles stériles, à usage unique.",
    "A physician opens very fine channels in the skin with sterile, single-use microneedles.",
)
RADIOFREQUENCY = Text(
    "Un médecin ouvre dans la peau de très fins canaux avec des micro-aiguilles stériles, à usage unique, qui délivrent aussi une "
    "radiofréquence : la chaleur agit plus en profondeur, et la peau met plus longtemps à se remettre.",
    "A physician opens very fine channels in the skin with sterile, single-use microneedles that also deliver radiofrequency: "
    "the heat acts deeper, and the skin takes longer to recover.",
)
APPLIED = Text(
    "Des exosomes d'origine végétale ou bactérienne sont posés sur la peau ; rien n'est injecté.",
    "Exosomes of plant or bacterial origin are laid on the skin; nothing is injected.",
)
NUMBING = Text(
    "Une crème anesthésiante est posée une heure avant. Signalez toute réaction passée à un anesthésique.",
    "A numbing cream is applied one hour before. Please mention any past reaction to an anaesthetic.",
)
NO_NUMBING = Text(
    "Il n'est pas prévu d'anesthésie : dites au médecin si vous en souhaitez une.",
    "No anaesthetic is planned: tell the physician if you would like one.",
)
RISKS = Text(
    "Rougeurs passagères et peau sensible sont attendues. Sont possibles, plus rarement : gonflement, petites croûtes, poussée "
    "d'herpès, taches, infection, réaction allergique, cicatrice. Appelez-nous le jour même si une réaction s'aggrave ou dure.",
    "Temporary redness and sensitive skin are expected. Possible, more rarely: swelling, small scabs, an outbreak of herpes, "
    "marks, infection, an allergic reaction, a scar. Call us the same day if a reaction gets worse or lasts.",
)
EVIDENCE = Text(
    "Les résultats publiés viennent surtout d'études précliniques ou d'exosomes humains, que nous n'employons pas. Pour les exosomes "
    "végétaux ou bactériens, ils restent à confirmer à grande échelle.",
    "Published results come mostly from preclinical studies or from human exosomes, which we do not use. For plant or bacterial "
    "exosomes they remain to be confirmed on a large scale.",
)
ALTERNATIVES = Text(
    "Vous pouvez aussi ne rien faire, attendre, ou préférer une approche sans exosomes ; le médecin en parlera avec vous.",
    "You may also do nothing, wait, or prefer an approach without exosomes; the physician will talk it over with you.",
)


def exosomes(act: Text, comfort: Text) -> Text:
    """The consent text of an exosome protocol: what is done, what is known, what may happen, what else there is."""
    return paragraphs(OPENING, act, APPLIED, comfort, EVIDENCE, INSERM, NO_PROMISE, RISKS, ALTERNATIVES, PAYMENT)


CONSULTATION = Text(
    "La consultation est un entretien et un examen. Elle ne vous engage à aucun soin. Elle se règle le jour même, et n'est pas "
    "remboursée lorsqu'elle est purement esthétique.",
    "The consultation is a conversation and an examination. It commits you to no treatment. It is paid on the day, and is not "
    "reimbursed when its purpose is purely aesthetic.",
)
