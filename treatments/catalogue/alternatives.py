"""Approaches without exosomes, for those who prefer them; never a way round a contraindication.

Their rhythm stands in none of our sources: they have no protocol until the clinic drafts one.
"""

from treatments.catalogue import shared
from treatments.catalogue.entries import TreatmentEntry
from treatments.catalogue.words import Text, paragraphs
from treatments.models import Category

RHYTHM = Text(
    "Le rythme se décide à la consultation, selon votre peau et ce que vous en attendez.",
    "The rhythm is decided at the consultation, according to your skin and what you hope for.",
)
PAYMENT = paragraphs(
    shared.PAYMENT,
    Text("Le prix figure sur le devis remis à la consultation.", "The price stands in the quote given at the consultation."),
)
NOT_A_WAY_ROUND = Text(
    "Ce soin n'est pas un moyen de contourner une contre-indication : si un autre vous est déconseillé, parlez-en d'abord à un médecin.",
    "This treatment is no way round a contraindication: if another is not suitable for you, please see a physician first.",
)
NEEDLING_NOT_FOR = Text(
    "Nous ne le proposons pas pendant la grossesse ou l'allaitement, en cas de maladie auto-immune, de défenses immunitaires "
    "affaiblies, de maladie de la coagulation, de cancer de la peau ou de lésion suspecte dans la zone, d'allergie aux métaux, ni "
    "avant 18 ans. Isotrétinoïne, peau infectée ou blessée, soin récent, chéloïdes, anticoagulants ou antécédents d'herpès : il faut "
    "attendre, ou l'avis du médecin.",
    "We do not offer it during pregnancy or breastfeeding, with an autoimmune disease, a weakened immune system, a bleeding disorder, "
    "a skin cancer or a suspicious lesion in the area, an allergy to metals, or before the age of 18. Isotretinoin, infected or wounded "
    "skin, recent care, keloids, blood thinners or a history of herpes: wait, or ask for the physician's opinion.",
)
NEEDLING_SIDE_EFFECTS = Text(
    "Rougeurs et sensibilité un à trois jours ; plus rarement gonflement, petites croûtes, poussée d'herpès ou taches passagères.",
    "Redness and sensitivity for one to three days; less often swelling, small scabs, an outbreak of herpes or temporary marks.",
)
NEEDLING_EVIDENCE = Text(
    "Le microneedling a été étudié chez des patients, dans des essais le plus souvent de petite taille ; ce que le produit posé y "
    "ajoute est moins bien connu. Nous ne promettons aucun résultat.",
    "Microneedling has been studied in patients, mostly in small trials; what the product laid on adds to it is less well known. We "
    "promise no result.",
)
NEEDLING_LAW = Text(
    "Le microneedling est un acte médical, réalisé par un médecin (Cour de cassation, chambre criminelle, 31 janvier 2023, "
    "n° 22-83.399). Le produit est posé sur la peau, jamais injecté.",
    "Microneedling is a medical act, performed by a physician (French Court of Cassation, criminal chamber, 31 January 2023, "
    "no. 22-83.399). The product is laid on the skin, never injected.",
)

ANTIOXIDANT = TreatmentEntry(
    slug="antioxidant-microneedling",
    category=Category.ALTERNATIVE,
    texts={
        "name": Text("Microneedling antioxydant", "Antioxidant microneedling"),
        "tagline": Text(
            "Un microneedling médical avec une formule antioxydante, sans exosomes.",
            "Medical microneedling with an antioxidant formula, without exosomes.",
        ),
        "summary": Text(
            "Pour les personnes qui préfèrent un soin sans exosomes : le médecin passe les micro-aiguilles, puis une formule antioxydante "
            "est posée sur la peau.",
            "For people who prefer a treatment without exosomes: the physician passes the microneedles, then an antioxidant formula is "
            "laid on the skin.",
        ),
        "evidence": NEEDLING_EVIDENCE,
        "legal_basis": NEEDLING_LAW,
        "side_effects": NEEDLING_SIDE_EFFECTS,
        "not_for": paragraphs(
            NEEDLING_NOT_FOR,
            Text(
                "Une allergie à l'un des composants de la formule (vitamines, acides aminés, conservateurs) l'exclut aussi.",
                "An allergy to a component of the formula (vitamins, amino acids, preservatives) rules it out too.",
            ),
            NOT_A_WAY_ROUND,
        ),
        "rhythm": RHYTHM,
        "payment": PAYMENT,
    },
)
RETINOL = TreatmentEntry(
    slug="retinol-microneedling",
    category=Category.ALTERNATIVE,
    texts={
        "name": Text("Microneedling au rétinol", "Retinol microneedling"),
        "tagline": Text(
            "Un microneedling médical avec du rétinol, pour le grain et l'éclat.",
            "Medical microneedling with retinol, for texture and radiance.",
        ),
        "summary": Text(
            "Pour les personnes qui préfèrent un soin sans exosomes : le médecin passe les micro-aiguilles, puis du rétinol est posé sur la "
            "peau. On le choisit surtout pour lisser et illuminer.",
            "For people who prefer a treatment without exosomes: the physician passes the microneedles, then retinol is laid on the skin. "
            "It is chosen above all to smooth and brighten.",
        ),
        "evidence": NEEDLING_EVIDENCE,
        "legal_basis": NEEDLING_LAW,
        "side_effects": Text(
            "Rougeurs et sensibilité un à trois jours, puis souvent une peau qui pèle quelques jours ; plus rarement irritation marquée, "
            "poussée d'herpès ou taches passagères. La peau craint davantage le soleil.",
            "Redness and sensitivity for one to three days, then often a few days of peeling; less often marked irritation, an outbreak of "
            "herpes or temporary marks. The skin is more easily harmed by the sun.",
        ),
        "not_for": paragraphs(
            NEEDLING_NOT_FOR,
            Text(
                "Le rétinol l'exclut aussi en cas de projet de grossesse, de traitement par rétinoïde, de peau très réactive ou d'exposition "
                "prévue au soleil.",
                "Because of the retinol it is also ruled out if you plan a pregnancy, take a retinoid, have very reactive skin or expect to "
                "be in the sun.",
            ),
            NOT_A_WAY_ROUND,
        ),
        "rhythm": RHYTHM,
        "payment": PAYMENT,
    },
)
DNA_REPAIR = TreatmentEntry(
    slug="dna-repair",
    category=Category.ALTERNATIVE,
    texts={
        "name": Text("Cure réparatrice de l'ADN", "DNA-repair course"),
        "tagline": Text("Des complexes posés sur la peau, sans aiguilles.", "Complexes laid on the skin, without needles."),
        "summary": Text(
            "Pour les personnes qui préfèrent un soin sans aiguilles ni exosomes : des complexes cosmétiques conçus pour aider la peau à "
            "réparer l'effet du soleil sont posés au fil de plusieurs visites.",
            "For people who prefer neither needles nor exosomes: cosmetic complexes designed to help the skin mend the effect of the sun are "
            "laid on over several visits.",
        ),
        "evidence": Text(
            "Ce sont des cosmétiques : leur effet dépend de la formule, et il est peu étudié chez l'humain. Nous ne promettons aucun "
            "résultat.",
            "They are cosmetics: their effect depends on the formula and has been little studied in people. We promise no result.",
        ),
        "legal_basis": Text(
            "Les produits sont des cosmétiques posés sur la peau saine. Il n'y a pas de microneedling.",
            "The products are cosmetics laid on healthy skin. There is no microneedling.",
        ),
        "side_effects": Text(
            "Une rougeur ou un picotement de courte durée ; rarement une allergie.",
            "Brief redness or tingling; rarely an allergy.",
        ),
        "not_for": paragraphs(
            Text(
                "Nous ne le proposons pas en cas d'allergie à l'un des composants, de peau infectée, blessée ou enflammée, de lésion "
                "suspecte ou de cancer de la peau non contrôlé par un dermatologue, ni avant 18 ans. Pendant la grossesse ou l'allaitement, et avec une "
                "maladie de la peau sensible à la lumière, il faut l'avis du médecin.",
                "We do not offer it with an allergy to a component, infected, wounded or inflamed skin, a suspicious lesion or a skin cancer "
                "that no dermatologist follows, or before the age of 18. During pregnancy or breastfeeding, and with a light-sensitive skin disease, "
                "the physician's opinion is needed.",
            ),
            NOT_A_WAY_ROUND,
        ),
        "rhythm": RHYTHM,
        "payment": PAYMENT,
    },
)

ALTERNATIVES = (ANTIOXIDANT, RETINOL, DNA_REPAIR)
