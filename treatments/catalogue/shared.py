"""Texts that several treatments have in common."""

from treatments.catalogue.entries import FaqEntry
from treatments.catalogue.words import Text

PAYMENT = Text(
    "Chaque séance se règle après avoir eu lieu. Rien n'est demandé d'avance : ni acompte, ni carte bancaire. Le soin n'est "
    "pas remboursé par l'Assurance maladie. Un devis écrit, portant sur toutes les séances prévues, vous est remis à la "
    "consultation. Un rendez-vous annulé ou manqué n'est pas facturé.",
    "Each session is paid after it has taken place. Nothing is asked for in advance: no deposit, no card. The treatment is "
    "not reimbursed by the French health insurance. A written quote for all the sessions planned is given to you at the "
    "consultation. A cancelled or missed appointment is not charged.",
)
EXAMPLE_PRICES = Text(
    "Les prix affichés sont des exemples : chaque clinique fixe les siens.",
    "The prices shown are examples: each clinic sets its own.",
)

LEGAL_BASIS = Text(
    "En médecine esthétique, nous n'employons que des exosomes d'origine végétale ou bactérienne, posés sur la peau en "
    "association avec un microneedling, jamais injectés. Les exosomes d'origine humaine ou animale sont considérés comme des "
    "médicaments et demandent une autorisation de mise sur le marché : nous n'en employons pas. Les produits utilisés ici sont "
    "des cosmétiques, notifiés selon les règles européennes ; une notification n'est pas une preuve d'efficacité. Le "
    "microneedling est un acte médical, réalisé par un médecin (Cour de cassation, chambre criminelle, 31 janvier 2023, "
    "n° 22-83.399).",
    "In aesthetic medicine we use only exosomes of plant or bacterial origin, laid on the skin together with microneedling and "
    "never injected. Exosomes of human or animal origin count as medicines and need a marketing authorisation: we do not use "
    "any. The products used here are cosmetics, notified under European rules; a notification is no proof that they work. "
    "Microneedling is a medical act, performed by a physician (French Court of Cassation, criminal chamber, 31 January 2023, "
    "no. 22-83.399).",
)

INSERM = Text(
    "L'Inserm, dans une mise au point de mai 2025, juge qu'on est loin d'une preuve scientifique et que rien d'établi ne montre "
    "une efficacité contre les rides ou la calvitie.",
    "Inserm, the French institute for medical research, found in May 2025 that this is far from scientifically proven, and that "
    "nothing established shows an effect on wrinkles or baldness.",
)
NO_PROMISE = Text(
    "C'est une piste prometteuse, encore exploratoire : nous ne promettons aucun résultat, et le médecin vous le redira.",
    "It is a promising lead, still being explored: we promise no result, and the physician will tell you so again.",
)

WHAT_IS_AN_EXOSOME = Text(
    "Un exosome est une minuscule bulle, de 50 à 150 nanomètres, que les cellules libèrent pour se parler. Elle transporte des "
    "protéines, des lipides, des facteurs de croissance et des fragments d'information génétique (ARN).",
    "An exosome is a tiny bubble, 50 to 150 nanometres across, that cells release to talk to one another. It carries proteins, "
    "lipids, growth factors and fragments of genetic information (RNA).",
)

FAQ_PRP = FaqEntry(
    question=Text("Quelle différence avec le PRP ?", "How does this differ from PRP?"),
    answer=Text(
        "Le PRP (plasma riche en plaquettes) vient de votre propre sang et stimule les cellules voisines. Les exosomes employés "
        "ici viennent de plantes ou de bactéries et apporteraient des messages déjà formés. Nous ne proposons pas de PRP.",
        "PRP (platelet-rich plasma) comes from your own blood and stimulates the cells around it. The exosomes used here come "
        "from plants or bacteria and are meant to bring messages already formed. We do not offer PRP.",
    ),
)
FAQ_STEM_CELLS = FaqEntry(
    question=Text("Est-ce un soin à base de cellules souches ?", "Is this a stem cell treatment?"),
    answer=Text(
        "Non. Une cellule souche peut devenir une autre cellule ; un exosome n'est pas une cellule, il ne fait que transmettre "
        "des messages. Aucun produit utilisé ici ne contient de cellules, et nous ne proposons pas de cellules souches.",
        "No. A stem cell can become another cell; an exosome is not a cell, it only passes messages on. No product used here "
        "contains cells, and we do not offer stem cells.",
    ),
)
FAQ_SESSIONS = FaqEntry(
    question=Text("Combien de séances faut-il prévoir ?", "How many sessions should I expect?"),
    answer=Text(
        "Trois séances à deux semaines d'intervalle, puis deux séances mensuelles ; le médecin décide avec vous s'il en faut une "
        "troisième. Deux rappels sont conseillés, six mois et un an après la dernière. Vous réservez toutes les dates en une "
        "fois, et chacune peut être déplacée.",
        "Three sessions two weeks apart, then two monthly ones; the physician decides with you whether a third is useful. Two "
        "boosters are recommended, six months and a year after the last one. You book every date at once, and each can be moved.",
    ),
)
FAQ_RESULTS = FaqEntry(
    question=Text("Quand verrai-je un résultat ?", "When will I see a result?"),
    answer=Text(
        "S'il y en a un, il s'installe au fil des semaines, et il varie d'une personne à l'autre. Nous faisons le point, photos à "
        "l'appui, à la fin de chaque phase ; vous pouvez arrêter quand vous voulez.",
        "If there is one, it settles in over the weeks, and it differs from one person to the next. We take stock with "
        "photographs at the end of each phase; you can stop whenever you wish.",
    ),
)

GENERAL_QUESTIONS = (
    FaqEntry(
        question=Text("Faut-il payer pour réserver ?", "Do I have to pay to book?"),
        answer=PAYMENT,
    ),
    FaqEntry(
        question=Text("Pourquoi commencer par une consultation ?", "Why begin with a consultation?"),
        answer=Text(
            "Parce qu'un acte médical se décide après avoir rencontré un médecin. Il examine votre peau, répond à vos questions, vous remet "
            "le devis et vous laisse le temps de réfléchir. Vos dates sont réservées dès maintenant ; elles sont libérées sans frais "
            "si vous y renoncez ou s'il le déconseille.",
            "Because a medical act is decided after meeting a physician. They examine your skin, answer your questions, give you the "
            "quote and leave you time to think. Your dates are kept from now on; they are released free of charge if you change your "
            "mind or the physician advises against it.",
        ),
    ),
    FaqEntry(
        question=Text("Puis-je déplacer une séance ?", "Can I move a session?"),
        answer=Text(
            "Oui. Les suivantes sont recalculées pour garder le bon rythme, et vous voyez les nouvelles dates avant d'accepter.",
            "Yes. The following ones are worked out again to keep the right rhythm, and you see the new dates before you accept.",
        ),
    ),
)
