"""Where we differ from the two articles; each row waits for the medical director's signature."""

from treatments.catalogue.entries import DepartureEntry
from treatments.catalogue.words import Text

DEPARTURES = (
    DepartureEntry(
        code="booster-origin",
        subject=Text("Point de départ des rappels", "What the boosters are counted from"),
        source_says=Text(
            "Des rappels à six mois et à un an, sans dire depuis quand.",
            "Boosters at six months and a year, without saying from when.",
        ),
        we_do=Text(
            "Les deux se comptent depuis la dernière séance réalisée du cœur de la cure, avec trois mois au moins entre eux.",
            "Both are counted from the last session of the core course that took place, at least three months apart.",
        ),
        reason=Text(
            "Ils figurent sous « durée des effets », donc après la fin. Comptés depuis la première séance, le premier tomberait deux "
            "mois après la dernière.",
            "They stand under “duration of effects”, so after the end. Counted from the first session, the first one would fall two months "
            "after the last session.",
        ),
    ),
    DepartureEntry(
        code="third-monthly-session",
        subject=Text("« Deux ou trois » séances mensuelles", "“Two or three” monthly sessions"),
        source_says=Text(
            "Deux ou trois séances supplémentaires, sans dire qui décide.",
            "Two or three further sessions, without saying who decides.",
        ),
        we_do=Text(
            "Deux séances fermes et une troisième facultative, réservée, que le médecin confirme ou retire.",
            "Two firm sessions and an optional third, booked, which the physician confirms or drops.",
        ),
        reason=Text("La décision dépend de la réponse de la peau.", "The decision depends on how the skin responds."),
    ),
    DepartureEntry(
        code="morpheus8-rhythm",
        treatment="exosomes-skin",
        subject=Text("Rythme avec le Morpheus 8", "Rhythm with Morpheus 8"),
        source_says=Text(
            "Le même rythme de deux semaines avec Dermapen ou Morpheus 8.",
            "The same two-week rhythm with Dermapen or Morpheus 8.",
        ),
        we_do=Text(
            "Cinq semaines (28 jours au moins) avec le Morpheus 8, choisi par le médecin et non réservable en ligne.",
            "Five weeks (28 days at least) with Morpheus 8, chosen by the physician and not booked online.",
        ),
        reason=Text(
            "La radiofréquence agit plus en profondeur ; les publications laissent quatre semaines ou plus à la cicatrisation.",
            "Radiofrequency acts deeper; publications leave four weeks or more for healing.",
        ),
    ),
    DepartureEntry(
        code="hair-device",
        treatment="exosomes-hair",
        subject=Text("Appareil pour le cuir chevelu", "Device for the scalp"),
        source_says=Text("Dermapen ou Morpheus 8 pour toutes les zones.", "Dermapen or Morpheus 8 for every area."),
        we_do=Text("Dermapen seulement pour le cuir chevelu.", "Dermapen only for the scalp."),
        reason=Text(
            "Une notice du fabricant de radiofréquence exclut les zones pileuses ; les données sur le cuir chevelu sont minces.",
            "A manual of the radiofrequency maker excludes hair-bearing areas; data on the scalp are thin.",
        ),
    ),
    DepartureEntry(
        code="more-contraindications",
        subject=Text("Contre-indications", "Contraindications"),
        source_says=Text("Grossesse et maladies auto-immunes.", "Pregnancy and autoimmune diseases."),
        we_do=Text(
            "Une liste plus longue (allaitement, immunité, coagulation, lésion, isotrétinoïne, peau lésée, soin récent, allergies, implants…), "
            "avec pour chacune : pas de réservation, date minimale, avis du médecin ou note.",
            "A longer list (breastfeeding, immunity, bleeding, lesion, isotretinoin, damaged skin, recent care, allergies, implants…), each "
            "with: no booking, earliest date, physician's opinion or note.",
        ),
        reason=Text(
            "Ce sont les contre-indications habituelles du microneedling, de la crème anesthésiante et de la LED.",
            "They are the usual contraindications of microneedling, of the numbing cream and of LED light.",
        ),
    ),
    DepartureEntry(
        code="more-side-effects",
        subject=Text("Effets indésirables", "Side effects"),
        source_says=Text("Rougeurs temporaires, sensibilité cutanée.", "Temporary redness, skin sensitivity."),
        we_do=Text(
            "Nous y ajoutons les effets plus rares du microneedling et quand appeler.",
            "We add the less frequent effects of microneedling, and when to call.",
        ),
        reason=Text(
            "L'information doit être complète avant un acte esthétique.", "Information must be complete before an aesthetic act."
        ),
    ),
    DepartureEntry(
        code="evidence",
        subject=Text("Ce que l'on sait de l'efficacité", "What is known of the effect"),
        source_says=Text(
            "Un article présente les effets comme acquis ; l'autre rappelle qu'ils ne sont pas prouvés et préfère attendre.",
            "One article presents the effects as established; the other recalls that they are not proven, and prefers to wait.",
        ),
        we_do=Text(
            "Le conditionnel partout, et une mise en garde obligatoire sur chaque page et dans le consentement.",
            "The conditional throughout, and a compulsory caveat on each page and in the consent text.",
        ),
        reason=Text(
            "Une information loyale, comme l'exige la déontologie médicale.", "Loyal information, as medical ethics require."
        ),
    ),
    DepartureEntry(
        code="internal-indications",
        treatment="exosomes-skin",
        subject=Text("Indications non publiées", "Indications not published"),
        source_says=Text(
            "Accélère la cicatrisation des plaies et a un fort effet anti-inflammatoire.",
            "Speeds up wound healing and has a strong anti-inflammatory effect.",
        ),
        we_do=Text(
            "Les deux sont conservées, sans être montrées au public.", "Both are kept on record, not shown to the public."
        ),
        reason=Text(
            "Elles évoquent le traitement d'une maladie, ce qu'un cosmétique ne peut revendiquer.",
            "They suggest treating a disease, which a cosmetic may not claim.",
        ),
    ),
    DepartureEntry(
        code="no-ranking-no-research",
        subject=Text("Comparaison des origines, recherche sur les maladies", "Ranking of origins, research on diseases"),
        source_says=Text(
            "Les exosomes humains et animaux seraient les plus efficaces ; des recherches portent sur Alzheimer, Parkinson, le cancer.",
            "Human and animal exosomes are said to be the most effective; research looks at Alzheimer's, Parkinson's, cancer.",
        ),
        we_do=Text("Nous n'en parlons pas aux patients.", "We do not mention it to patients."),
        reason=Text(
            "Ce serait vanter des produits que nous n'employons pas, et mêler un soin esthétique à des maladies graves.",
            "It would praise products we do not use, and mix an aesthetic treatment with serious diseases.",
        ),
    ),
    DepartureEntry(
        code="origin",
        subject=Text("Origine humaine ou animale", "Human or animal origin"),
        source_says=Text(
            "Un article les dit soumises à une autorisation de mise sur le marché, l'autre interdites.",
            "One article says they need a marketing authorisation, the other that they are forbidden.",
        ),
        we_do=Text("Elles sont refusées, sans exception.", "They are refused, without exception."),
        reason=Text(
            "En pratique les deux lectures se rejoignent ; nous gardons la plus stricte.",
            "In practice both readings agree; we keep the stricter.",
        ),
    ),
    DepartureEntry(
        code="physician-needles",
        subject=Text("Qui réalise quoi", "Who does what"),
        source_says=Text(
            "« Le praticien » fait toute la séance pour la peau, « le médecin » pour les cheveux.",
            "“The practitioner” does the whole skin session, “the physician” the hair session.",
        ),
        we_do=Text(
            "Un médecin réalise le microneedling et l'exfoliation du cuir chevelu ; l'accueil, le nettoyage, la crème, l'application, la LED "
            "et les conseils peuvent être confiés à une assistante ou à un assistant.",
            "A physician does the microneedling and the exfoliation of the scalp; welcome, cleansing, cream, application, LED and advice may "
            "be given to an assistant.",
        ),
        reason=Text(
            "Le microneedling est réservé aux médecins (Cass. crim., 31 janvier 2023, n° 22-83.399) ; le reste ne l'est pas.",
            "Microneedling is reserved to physicians (Cass. crim., 31 January 2023, no. 22-83.399); the rest is not.",
        ),
    ),
    DepartureEntry(
        code="numbing-hour",
        treatment="exosomes-skin",
        subject=Text("Durée de la crème anesthésiante", "How long the numbing cream works"),
        source_says=Text("Une crème est posée, sans durée.", "A cream is applied, with no duration."),
        we_do=Text(
            "Une heure de pose, deux zones par séance au plus ; le médecin est libre pendant ce temps.",
            "One hour, two areas per session at most; the physician is free meanwhile.",
        ),
        reason=Text(
            "Le résumé des caractéristiques du produit demande une heure au moins et limite la surface à 600 cm².",
            "The product's summary of characteristics asks for one hour at least and limits the surface to 600 cm².",
        ),
    ),
    DepartureEntry(
        code="consultation-first",
        subject=Text("Consultation et délai de réflexion", "Consultation and time to think"),
        source_says=Text("Le soin commence par la première séance.", "The treatment begins with the first session."),
        we_do=Text(
            "Une consultation d'abord, puis quinze jours au moins avant la première séance ; le réglage appartient à la clinique.",
            "A consultation first, then fifteen days at least before the first session; the setting belongs to the clinic.",
        ),
        reason=Text(
            "L'information et le devis précèdent le consentement ; la durée exacte pour un acte non chirurgical se discute.",
            "Information and quote come before consent; the exact time for a non-surgical act is debated.",
        ),
    ),
    DepartureEntry(
        code="no-combination",
        subject=Text("Associations avec d'autres actes", "Combination with other acts"),
        source_says=Text(
            "Les exosomes peuvent s'associer aux lasers et à la mésothérapie du cuir chevelu.",
            "Exosomes can be combined with lasers and mesotherapy of the scalp.",
        ),
        we_do=Text("Nous ne les proposons qu'avec le microneedling.", "We offer them with microneedling only."),
        reason=Text(
            "C'est la seule association que les deux articles admettent sans réserve.",
            "It is the only combination both articles accept without reserve.",
        ),
    ),
    DepartureEntry(
        code="other-approaches",
        subject=Text("Autres approches", "Other approaches"),
        source_says=Text(
            "Le microneedling antioxydant ou au rétinol et les complexes réparateurs de l'ADN auraient fait leurs preuves et seraient sûrs.",
            "Antioxidant or retinol microneedling and DNA-repair complexes are said to be proven and safe.",
        ),
        we_do=Text(
            "Ils sont présentés à qui les préfère, avec leurs propres contre-indications, sans comparaison ni rythme annoncé.",
            "They are presented to those who prefer them, with contraindications of their own, without comparison or stated rhythm.",
        ),
        reason=Text(
            "Deux d'entre eux sont aussi du microneedling, et aucune source ne donne leur rythme.",
            "Two of them are microneedling as well, and no source gives their rhythm.",
        ),
    ),
)
