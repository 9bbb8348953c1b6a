"""The medical questions: what is asked, and what a “yes” means. Each is for the medical director to confirm.

Before dates come the nine lines that decide whether or when (`safety`), one tap when none applies; the rest comes at the
end (`details`). No message tells anybody to stop a medicine; whoever is blocked is offered the consultation or a question,
never another treatment. Sources and reasons: docs/rules/screening.md.
"""

from dataclasses import replace

from treatments.catalogue.entries import QuestionEntry
from treatments.catalogue.words import Text
from treatments.models import Outcome, Stage

SIX_MONTHS = 183  # days, as are the next three
TWO_WEEKS = 14
FOUR_WEEKS = 28
THREE_MONTHS = 90

PREGNANCY = QuestionEntry(
    code="pregnancy",
    stage=Stage.SAFETY,
    question=Text(
        "Êtes-vous enceinte, pensez-vous l'être, ou allaitez-vous ?",
        "Are you pregnant, might you be, or are you breastfeeding?",
    ),
    outcome=Outcome.BLOCK,
    message=Text(
        "Nous ne proposons pas ce soin pendant la grossesse ni pendant l'allaitement. Un médecin peut vous recevoir en "
        "consultation, et vous pouvez nous écrire.",
        "We do not offer this treatment during pregnancy or breastfeeding. A physician can see you for a consultation, and "
        "you are welcome to write to us.",
    ),
    source="Catalogue article (pregnancy); microneedling information sheets (breastfeeding)",
)
AUTOIMMUNE = QuestionEntry(
    code="autoimmune",
    stage=Stage.SAFETY,
    question=Text("Avez-vous une maladie auto-immune ?", "Do you have an autoimmune disease?"),
    help=Text(
        "Par exemple : lupus, polyarthrite rhumatoïde, sclérose en plaques, maladie de Crohn, vitiligo, pelade.",
        "For example: lupus, rheumatoid arthritis, multiple sclerosis, Crohn's disease, vitiligo, alopecia areata.",
    ),
    outcome=Outcome.BLOCK,
    message=Text(
        "Avec une maladie auto-immune, ce soin ne se réserve pas en ligne. Un médecin peut en parler avec vous en "
        "consultation, et vous pouvez nous écrire.",
        "With an autoimmune disease this treatment cannot be booked online. A physician can talk it over with you at a "
        "consultation, and you are welcome to write to us.",
    ),
    source="Catalogue article",
)
IMMUNITY = QuestionEntry(
    code="immunity",
    stage=Stage.SAFETY,
    question=Text(
        "Vos défenses immunitaires sont-elles affaiblies, ou avez-vous une sclérodermie ou une maladie du collagène ?",
        "Is your immune system weakened, or do you have scleroderma or a collagen disease?",
    ),
    help=Text(
        "Par une maladie ou par un traitement : chimiothérapie, immunosuppresseur, greffe d'organe.",
        "By an illness or a treatment: chemotherapy, immunosuppressants, an organ transplant.",
    ),
    outcome=Outcome.BLOCK,
    message=Text(
        "Votre peau se défendrait ou cicatriserait moins bien : ce soin ne se réserve pas en ligne. Un médecin peut vous "
        "recevoir en consultation, et vous pouvez nous écrire.",
        "Your skin would defend itself or heal less well: this treatment cannot be booked online. A physician can see you "
        "for a consultation, and you are welcome to write to us.",
    ),
    source="Microneedling information sheets",
)
LESION = QuestionEntry(
    code="lesion",
    stage=Stage.SAFETY,
    question=Text(
        "Avez-vous, ou avez-vous eu, un cancer de la peau ou une tache qui change dans la zone à traiter ?",
        "Do you have, or have you had, a skin cancer or a changing mole in the area to be treated?",
    ),
    outcome=Outcome.BLOCK,
    message=Text(
        "Un médecin doit d'abord examiner la peau. Nos médecins peuvent vous recevoir en consultation ; votre dermatologue "
        "aussi.",
        "A physician must examine the skin first. Ours can see you for a consultation; so can your dermatologist.",
    ),
    source="Microneedling contraindications (SkinPen)",
)
BLEEDING = QuestionEntry(
    code="bleeding",
    stage=Stage.SAFETY,
    question=Text("Avez-vous une maladie de la coagulation ?", "Do you have a bleeding disorder?"),
    help=Text(
        "Hémophilie, maladie de Willebrand, plaquettes basses. Les médicaments viennent plus loin.",
        "Haemophilia, von Willebrand disease, low platelets. Medicines come later.",
    ),
    outcome=Outcome.BLOCK,
    message=Text(
        "Les micro-aiguilles font saigner un peu : avec une maladie de la coagulation, ce soin ne se réserve pas en ligne. "
        "Un médecin peut vous recevoir en consultation, et vous pouvez nous écrire.",
        "Microneedles draw a little blood: with a bleeding disorder this treatment cannot be booked online. A physician can "
        "see you for a consultation, and you are welcome to write to us.",
    ),
    source="Microneedling contraindications (SkinPen)",
)
ISOTRETINOIN = QuestionEntry(
    code="isotretinoin",
    stage=Stage.SAFETY,
    question=Text(
        "Prenez-vous de l'isotrétinoïne en capsules, ou en avez-vous pris ces six derniers mois ?",
        "Are you taking isotretinoin capsules, or have you in the last six months?",
    ),
    date_question=Text(
        "Date de la dernière capsule, si le traitement est terminé", "Date of the last capsule, if the treatment is over"
    ),
    outcome=Outcome.DATE,
    delay_days=SIX_MONTHS,
    also_review=True,
    message=Text(
        "Nous attendons six mois après la dernière capsule ; le médecin peut en décider autrement après examen. Suivez votre "
        "traitement comme il vous a été prescrit.",
        "We wait six months after the last capsule; the physician may decide otherwise after examining you. Please follow "
        "your treatment as it was prescribed.",
    ),
    source="Device labels: six months (InMode manual). ASDS consensus 2017 finds too little evidence to delay superficial acts",
)
ACTIVE_SKIN = QuestionEntry(
    code="active-skin",
    stage=Stage.SAFETY,
    question=Text(
        "La peau de la zone est-elle en ce moment infectée, blessée, enflammée ou brûlée par le soleil ?",
        "Is the skin of the area infected, wounded, inflamed or sunburnt at present?",
    ),
    help=Text(
        "Bouton de fièvre, plaie, acné enflammée, eczéma ou psoriasis en poussée, coup de soleil.",
        "A cold sore, a wound, inflamed acne, a flare of eczema or psoriasis, sunburn.",
    ),
    outcome=Outcome.DATE,
    delay_days=TWO_WEEKS,
    message=Text(
        "La peau doit d'abord guérir : la première séance aura lieu dans deux semaines au plus tôt. Si elle n'est pas guérie "
        "d'ici là, appelez-nous, nous déplacerons le rendez-vous.",
        "The skin must heal first: the first session will be in two weeks at the earliest. If it has not healed by then, "
        "call us and we will move the appointment.",
    ),
    source="Microneedling information sheets; InMode manual (tan and sunburn: 2 weeks)",
)
RECENT_CARE = QuestionEntry(
    code="recent-care",
    stage=Stage.SAFETY,
    question=Text(
        "La zone a-t-elle reçu ces quatre dernières semaines un laser, un peeling, une radiofréquence ou une injection ?",
        "Has the area had a laser, a peel, radiofrequency or an injection in the last four weeks?",
    ),
    help=Text(
        "Y compris acide hyaluronique et toxine botulique. Peeling profond ou laser ablatif : ces trois derniers mois.",
        "Hyaluronic acid and botulinum toxin included. Deep peel or ablative laser: in the last three months.",
    ),
    date_question=Text("Date de ce soin", "Date of that treatment"),
    outcome=Outcome.DATE,
    delay_days=FOUR_WEEKS,
    also_review=True,
    message=Text(
        "Nous laissons quatre semaines à la peau, davantage si le médecin le juge utile.",
        "We leave the skin four weeks, or longer if the physician finds it useful.",
    ),
    source="Clinic sheets: 7 days to 4 weeks after toxin or filler; InMode manual: 2 to 12 weeks after light, laser or peel",
)
ALLERGY = QuestionEntry(
    code="allergy",
    stage=Stage.SAFETY,
    question=Text(
        "Êtes-vous allergique à un métal, ou à une plante ou une bactérie dont le produit peut être issu ?",
        "Are you allergic to a metal, or to a plant or bacterium the product may be made from?",
    ),
    help=Text(
        "Acier, nickel, or ; rose, ginseng, aloe vera, thé vert, raisin, algues ; ferments lactiques.",
        "Steel, nickel, gold; rose, ginseng, aloe vera, green tea, grape, algae; lactic ferments.",
    ),
    outcome=Outcome.BLOCK,
    message=Text(
        "Les aiguilles sont en métal et les exosomes sont issus de plantes ou de bactéries. Un médecin peut regarder avec "
        "vous en consultation ce qui vous convient, et vous pouvez nous écrire.",
        "The needles are of metal and the exosomes come from plants or bacteria. A physician can look into it with you at a "
        "consultation, and you are welcome to write to us.",
    ),
    source="Microneedling contraindications (metal); origins named in the catalogue article (product)",
)
IMPLANT = QuestionEntry(
    code="implant",
    stage=Stage.SAFETY,
    question=Text(
        "Portez-vous un implant électronique, ou du métal ou un implant injecté permanent dans la zone ?",
        "Do you have an electronic implant, or metal or a permanent injected implant in the area?",
    ),
    help=Text("Stimulateur cardiaque, défibrillateur, plaque, fils.", "A pacemaker, a defibrillator, a plate, threads."),
    outcome=Outcome.BLOCK,
    device="morpheus8",
    message=Text(
        "La radiofréquence ne convient pas avec un implant. Un médecin peut vous recevoir en consultation.",
        "Radiofrequency is not suitable with an implant. A physician can see you for a consultation.",
    ),
    source="Radiofrequency microneedling contraindications",
)

ANTICOAGULANT = QuestionEntry(
    code="anticoagulant",
    stage=Stage.DETAILS,
    question=Text("Prenez-vous un médicament qui fluidifie le sang ?", "Do you take a medicine that thins the blood?"),
    help=Text("Anticoagulant, antiagrégant, aspirine tous les jours.", "An anticoagulant, an antiplatelet, daily aspirin."),
    outcome=Outcome.REVIEW,
    message=Text(
        "Le médecin en tiendra compte. Ne changez rien à votre traitement.",
        "The physician will take it into account. Please change nothing in your treatment.",
    ),
    source="Microneedling information sheets",
)
HERPES = QuestionEntry(
    code="herpes-history",
    stage=Stage.DETAILS,
    question=Text(
        "Avez-vous déjà eu des boutons de fièvre (herpès) au visage ?", "Have you ever had cold sores (herpes) on the face?"
    ),
    outcome=Outcome.REVIEW,
    zones=("face",),
    message=Text(
        "Le médecin verra si un traitement préventif est utile avant la séance.",
        "The physician will see whether a preventive treatment is useful before the session.",
    ),
    source="Microneedling and radiofrequency information sheets",
)
KELOID = QuestionEntry(
    code="keloid",
    stage=Stage.DETAILS,
    question=Text(
        "Vos cicatrices deviennent-elles épaisses ou en relief (chéloïdes) ?", "Do your scars become thick or raised (keloids)?"
    ),
    outcome=Outcome.REVIEW,
    message=Text(
        "Le médecin décidera après examen.",
        "The physician will decide after examining you.",
    ),
    source="InMode manual",
)
NUMBING = QuestionEntry(
    code="numbing",
    stage=Stage.DETAILS,
    question=Text(
        "Avez-vous déjà mal réagi à un anesthésique, ou avez-vous une méthémoglobinémie ou un déficit en G6PD ?",
        "Have you ever reacted badly to an anaesthetic, or do you have methaemoglobinaemia or a G6PD deficiency?",
    ),
    help=Text("Lidocaïne, prilocaïne, chez le dentiste par exemple.", "Lidocaine, prilocaine, at the dentist's for instance."),
    outcome=Outcome.REVIEW,
    segment_code="numbing-cream",
    message=Text(
        "Le médecin décidera si la séance se fait sans crème anesthésiante.",
        "The physician will decide whether the session is done without numbing cream.",
    ),
    source="ANSM summary of product characteristics, lidocaine and prilocaine cream",
)
GENERAL_HEALTH = QuestionEntry(
    code="general-health",
    stage=Stage.DETAILS,
    question=Text(
        "Avez-vous un diabète mal équilibré, une maladie du cœur ou une épilepsie ?",
        "Do you have poorly controlled diabetes, a heart condition or epilepsy?",
    ),
    outcome=Outcome.REVIEW,
    message=Text("Le médecin décidera si le soin vous convient.", "The physician will decide whether the treatment suits you."),
    source="InMode manual; radiofrequency information sheets",
)
PIGMENT = QuestionEntry(
    code="pigment",
    stage=Stage.DETAILS,
    question=Text(
        "Votre peau est-elle mate à foncée, ou garde-t-elle facilement des taches ?",
        "Is your skin olive to dark, or does it easily keep marks?",
    ),
    outcome=Outcome.NOTE,
    message=Text("Le médecin adaptera la profondeur des aiguilles.", "The physician will adapt the depth of the needles."),
    source="InMode manual",
)
LIGHT = QuestionEntry(
    code="light",
    stage=Stage.DETAILS,
    question=Text(
        "Avez-vous une maladie des yeux, une épilepsie sensible à la lumière, ou un médicament qui rend sensible à la lumière ?",
        "Do you have an eye disease, light-sensitive epilepsy, or a medicine that makes you sensitive to light?",
    ),
    help=Text(
        "Certains antibiotiques et antiacnéiques, le millepertuis.", "Some antibiotics and acne medicines, St John's wort."
    ),
    outcome=Outcome.REVIEW,
    segment_code="led",
    message=Text(
        "Le médecin décidera si la séance se fait sans lumière LED. Ne changez rien à votre traitement.",
        "The physician will decide whether the session is done without LED light. Please change nothing in your treatment.",
    ),
    source="Photobiomodulation contraindication sheets",
)
SCALP = QuestionEntry(
    code="scalp",
    stage=Stage.DETAILS,
    question=Text("Avez-vous une maladie du cuir chevelu, même calme ?", "Do you have a scalp condition, even a quiet one?"),
    help=Text("Psoriasis, eczéma, dermite séborrhéique.", "Psoriasis, eczema, seborrhoeic dermatitis."),
    outcome=Outcome.REVIEW,
    message=Text("Le médecin décidera après examen.", "The physician will decide after examining you."),
    source="House rule, general medical knowledge",
)
TRANSPLANT = QuestionEntry(
    code="transplant",
    stage=Stage.DETAILS,
    question=Text("Avez-vous eu une greffe de cheveux ?", "Have you had a hair transplant?"),
    outcome=Outcome.REVIEW,
    date_question=Text("Date de la greffe", "Date of the transplant"),
    message=Text("Le médecin décidera quand commencer.", "The physician will decide when to begin."),
    source="House rule, general medical knowledge",
)

SAFETY = (PREGNANCY, AUTOIMMUNE, IMMUNITY, LESION, BLEEDING, ISOTRETINOIN, ACTIVE_SKIN, RECENT_CARE, ALLERGY)

SKIN = (*SAFETY, ANTICOAGULANT, HERPES, KELOID, NUMBING, GENERAL_HEALTH, PIGMENT)

_HAIR_RECENT_CARE = replace(
    RECENT_CARE,
    question=Text(
        "Le cuir chevelu a-t-il reçu ces quatre dernières semaines un laser, un peeling ou une injection ?",
        "Has the scalp had a laser, a peel or an injection in the last four weeks?",
    ),
    help=Text("Y compris mésothérapie et plasma (PRP).", "Mesotherapy and platelet-rich plasma (PRP) included."),
)
HAIR = (
    *(_HAIR_RECENT_CARE if rule is RECENT_CARE else rule for rule in SAFETY),
    ANTICOAGULANT,
    KELOID,
    SCALP,
    TRANSPLANT,
    LIGHT,
    GENERAL_HEALTH,
)

# Radiofrequency goes deeper: raised scars exclude it, recent care keeps it away for longer, pigment is for the physician.
_RADIOFREQUENCY_RECENT_CARE = replace(
    RECENT_CARE,
    question=Text(
        "La zone a-t-elle reçu ces trois derniers mois un laser, un peeling, une radiofréquence ou une injection ?",
        "Has the area had a laser, a peel, radiofrequency or an injection in the last three months?",
    ),
    help=Text("Y compris acide hyaluronique et toxine botulique.", "Hyaluronic acid and botulinum toxin included."),
    delay_days=THREE_MONTHS,
    message=Text(
        "Nous laissons trois mois à la peau ; le médecin peut en décider autrement après examen.",
        "We leave the skin three months; the physician may decide otherwise after examining you.",
    ),
)
_RADIOFREQUENCY_KELOID = replace(
    KELOID,
    stage=Stage.SAFETY,
    outcome=Outcome.BLOCK,
    message=Text(
        "La radiofréquence ne convient pas aux peaux qui font des chéloïdes. Un médecin peut vous recevoir en consultation.",
        "Radiofrequency is not suitable for skin that forms keloids. A physician can see you for a consultation.",
    ),
)
RADIOFREQUENCY = (
    *(_RADIOFREQUENCY_RECENT_CARE if rule is RECENT_CARE else rule for rule in SAFETY),
    IMPLANT,
    _RADIOFREQUENCY_KELOID,
    ANTICOAGULANT,
    HERPES,
    NUMBING,
    GENERAL_HEALTH,
    replace(PIGMENT, outcome=Outcome.REVIEW),
)
