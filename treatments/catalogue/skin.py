"""Exosomes for the skin: face, neck, décolleté, hands, abdomen."""

from decimal import Decimal

from treatments.catalogue import consent, questions, shared
from treatments.catalogue.entries import FaqEntry, IndicationEntry, PriceEntry, ProtocolEntry, StepEntry, TreatmentEntry
from treatments.catalogue.rhythms import EVERY_FIVE_WEEKS, EVERY_MONTH, EVERY_TWO_WEEKS, course
from treatments.catalogue.visits import CONSULTATION, skin_session
from treatments.catalogue.words import Text, paragraphs
from treatments.models import Category

TEXTS = {
    "name": Text("Exosomes, peau", "Exosomes, skin"),
    "tagline": Text(
        "Microneedling médical, puis exosomes végétaux ou bactériens posés sur la peau, sans injection.",
        "Medical microneedling, then plant or bacterial exosomes laid on the skin, with no injection.",
    ),
    "summary": Text(
        "Un médecin ouvre dans la peau de très fins canaux avec des micro-aiguilles, puis les exosomes sont posés à la surface. "
        "Le visage, le cou, le décolleté, les mains et le ventre peuvent être traités. Le soin se suit comme une cure : trois "
        "séances à deux semaines d'intervalle, deux ou trois séances mensuelles, et deux rappels conseillés à six mois et à un an.",
        "A physician opens very fine channels in the skin with microneedles, then the exosomes are laid on its surface. Face, "
        "neck, décolleté, hands and abdomen can be treated. It is a course: three sessions two weeks apart, two or three monthly "
        "ones, and two boosters recommended at six months and a year.",
    ),
    "mechanism": paragraphs(
        shared.WHAT_IS_AN_EXOSOME,
        Text(
            "Posés sur une peau qui vient d'être traitée par micro-aiguilles, ces messages inciteraient la peau à se renouveler et à "
            "produire davantage de collagène et d'élastine. Le microneedling agit aussi par lui-même : dans le résultat, il est "
            "difficile de dire la part de chacun.",
            "Laid on skin that has just been needled, these messages are thought to prompt it to renew itself and to make more "
            "collagen and elastin. Microneedling also acts by itself: in any result it is hard to tell the share of each.",
        ),
    ),
    "evidence": paragraphs(
        Text(
            "Ce que montrent les études : moins d'inflammation, des cellules de la peau (fibroblastes) plus actives, davantage de "
            "collagène.",
            "What studies show: less inflammation, more active skin cells (fibroblasts), more collagen.",
        ),
        Text(
            "Ce qu'elles ne montrent pas : elles portent surtout sur des cellules en laboratoire ou des animaux, ou sur des "
            "exosomes humains, que nous n'employons pas. Pour les exosomes végétaux ou bactériens, l'effet reste à confirmer par de "
            "grandes études.",
            "What they do not show: most were done on cells in the laboratory or on animals, or with human exosomes, which we do not "
            "use. For plant or bacterial exosomes the effect remains to be confirmed by large studies.",
        ),
        shared.INSERM,
        shared.NO_PROMISE,
    ),
    "legal_basis": shared.LEGAL_BASIS,
    "side_effects": paragraphs(
        Text(
            "Attendus : des rougeurs passagères et une peau sensible, comme après un coup de soleil, le plus souvent un à trois jours.",
            "Expected: temporary redness and sensitive skin, as after sunburn, most often for one to three days.",
        ),
        Text(
            "Plus rares : gonflement, petites croûtes, poussée d'herpès chez les personnes qui y sont sujettes, taches passagères. "
            "Douleur qui augmente, écoulement, fièvre ou réaction qui dure : appelez-nous le jour même.",
            "Less often: swelling, small scabs, an outbreak of herpes in people prone to it, temporary marks. If pain grows, if the skin "
            "oozes, if you have a fever or a reaction lasts: call us the same day.",
        ),
    ),
    "not_for": paragraphs(
        Text(
            "Nous ne proposons pas ce soin pendant la grossesse ou l'allaitement, en cas de maladie auto-immune, de défenses "
            "immunitaires affaiblies, de maladie de la coagulation, de cancer de la peau ou de lésion suspecte dans la zone, "
            "d'allergie aux métaux ou à la source du produit, ni avant 18 ans.",
            "We do not offer this treatment during pregnancy or breastfeeding, with an autoimmune disease, a weakened immune system, a "
            "bleeding disorder, a skin cancer or a suspicious lesion in the area, an allergy to metals or to the product's source, or "
            "before the age of 18.",
        ),
        Text(
            "D'autres situations demandent d'attendre ou l'avis du médecin : isotrétinoïne, peau infectée ou blessée, soin récent de la "
            "zone, cicatrices chéloïdes, anticoagulants, antécédents d'herpès. Ne changez aucun traitement de vous-même.",
            "Other situations call for waiting or for the physician's opinion: isotretinoin, infected or wounded skin, recent care of "
            "the area, keloid scars, blood thinners, a history of herpes. Please change no treatment by yourself.",
        ),
    ),
    "preparation": paragraphs(
        Text(
            "Deux semaines avant : ni soleil ni autobronzant sur la zone. Cinq jours avant : laissez de côté les cosmétiques "
            "exfoliants (acides, rétinol). Si une crème vous a été prescrite, demandez au médecin.",
            "Two weeks before: no sun and no self-tanner on the area. Five days before: leave exfoliating cosmetics (acids, retinol) "
            "aside. If a cream was prescribed to you, ask the physician.",
        ),
        Text(
            "Le jour même : venez la peau propre, sans crème ni maquillage. La crème anesthésiante agit pendant une heure : apportez de "
            "quoi lire. Si vous avez un bouton de fièvre, de la fièvre ou un coup de soleil, appelez-nous avant de venir.",
            "On the day: come with clean skin, without cream or make-up. The numbing cream takes an hour: bring something to read. If "
            "you have a cold sore, a fever or sunburn, call us before you come.",
        ),
    ),
    "aftercare": paragraphs(
        Text(
            "Le soir : seulement les produits remis. Pas de maquillage pendant 24 heures, pas de soleil ; protection solaire dès le "
            "lendemain. Ni sport, ni chaleur, ni piscine pendant trois jours.",
            "That evening: only the products you were given. No make-up for 24 hours, no sun; sun protection from the next day. No "
            "sport, heat or swimming pool for three days.",
        ),
        Text(
            "Reprenez vos soins habituels après deux ou trois jours, les acides et le rétinol après une semaine. Le lendemain, nous "
            "prenons de vos nouvelles.",
            "Go back to your usual skin care after two or three days, to acids and retinol after a week. The next day we ask how you are.",
        ),
    ),
    "rhythm": Text(
        "Trois séances à deux semaines d'intervalle, puis deux séances mensuelles et une troisième si le médecin la juge utile. "
        "Rappels conseillés six mois et un an après la dernière.",
        "Three sessions two weeks apart, then two monthly ones and a third if the physician finds it useful. Boosters recommended six "
        "months and a year after the last one.",
    ),
    "payment": paragraphs(shared.PAYMENT, shared.EXAMPLE_PRICES),
}

INDICATIONS = (
    IndicationEntry(text=Text("Grain et aspect de la peau", "Skin texture and appearance")),
    IndicationEntry(text=Text("Teint irrégulier, taches liées à la mélanine", "Uneven tone, marks due to melanin")),
    IndicationEntry(text=Text("Hydratation, premiers signes de l'âge", "Hydration, early signs of ageing")),
    # They sound like the treatment of a disease: kept for the record, never a public claim.
    IndicationEntry(text=Text("Cicatrisation des plaies", "Wound healing"), is_public=False),
    IndicationEntry(text=Text("Effet anti-inflammatoire", "Anti-inflammatory effect"), is_public=False),
)

STEPS = (
    StepEntry(
        drawing="skin-cleanse",
        title=Text("Nettoyage", "Cleansing"),
        text=Text(
            "La peau est nettoyée à fond : maquillage, sébum et impuretés sont retirés.",
            "The skin is cleansed thoroughly: make-up, sebum and impurities are removed.",
        ),
    ),
    StepEntry(
        drawing="skin-numbing",
        title=Text("Crème anesthésiante", "Numbing cream"),
        text=Text(
            "Une crème anesthésiante est posée et agit pendant une heure, pendant laquelle vous vous reposez.",
            "A numbing cream is applied and works for an hour while you rest.",
        ),
    ),
    StepEntry(
        drawing="skin-needling",
        title=Text("Microneedling", "Microneedling"),
        text=Text(
            "Le médecin passe sur la peau des micro-aiguilles stériles, à usage unique, qui ouvrent de très fins canaux.",
            "The physician passes sterile, single-use microneedles over the skin, opening very fine channels.",
        ),
    ),
    StepEntry(
        drawing="skin-exosomes",
        title=Text("Exosomes", "Exosomes"),
        text=Text(
            "Aussitôt après, les exosomes sont posés sur la peau. Rien n'est injecté.",
            "Straight afterwards the exosomes are laid on the skin. Nothing is injected.",
        ),
    ),
    StepEntry(
        drawing="skin-massage",
        title=Text("Massage doux", "Gentle massage"),
        text=Text(
            "Un massage léger répartit le produit. Vous repartez avec vos conseils et la date suivante.",
            "A light massage spreads the product. You leave with your advice sheet and the next date.",
        ),
    ),
)

FAQS = (
    FaqEntry(
        question=Text("Est-ce que cela fait mal ?", "Does it hurt?"),
        answer=Text(
            "Avec la crème anesthésiante, la plupart des personnes décrivent des picotements et une chaleur. Le médecin s'arrête quand "
            "vous le demandez.",
            "With the numbing cream most people describe tingling and warmth. The physician stops whenever you ask.",
        ),
    ),
    shared.FAQ_SESSIONS,
    shared.FAQ_RESULTS,
    FaqEntry(
        question=Text("Puis-je traiter plusieurs zones à la fois ?", "Can I have several areas treated at once?"),
        answer=Text(
            "Oui, deux par séance : la quantité de crème anesthésiante est limitée. La durée et le prix s'ajoutent.",
            "Yes, two per session: the amount of numbing cream is limited. Time and price add up.",
        ),
    ),
    FaqEntry(
        question=Text("Qu'est-ce que le Morpheus 8 ?", "What is Morpheus 8?"),
        answer=Text(
            "Un microneedling qui délivre aussi une radiofréquence. Il agit plus en profondeur, demande des intervalles plus longs et "
            "ne se réserve pas en ligne : le médecin le propose, ou non, à la consultation.",
            "Microneedling that also delivers radiofrequency. It acts deeper, needs longer intervals and is not booked online: the "
            "physician suggests it, or not, at the consultation.",
        ),
    ),
    shared.FAQ_PRP,
    shared.FAQ_STEM_CELLS,
)

# Two zones keep the numbed skin near the 600 cm² of the cream's leaflet; the physician decides on the day.
ZONES_PER_VISIT = 2

DERMAPEN = ProtocolEntry(
    code="dermapen",
    name=Text("Exosomes, peau, Dermapen", "Exosomes, skin, Dermapen"),
    consent=consent.exosomes(consent.NEEDLING, consent.NUMBING),
    visits=(CONSULTATION, skin_session("dermapen")),
    phases=course(EVERY_TWO_WEEKS, EVERY_MONTH),
    zones=(
        PriceEntry(zone="face", minutes=20, price=Decimal(250)),
        PriceEntry(zone="neck", minutes=10, price=Decimal(150)),
        PriceEntry(zone="decollete", minutes=15, price=Decimal(180)),
        PriceEntry(zone="hands", minutes=10, price=Decimal(140)),
        PriceEntry(zone="abdomen", minutes=20, price=Decimal(220)),
    ),
    questions=questions.SKIN,
    bookable_online=True,
    max_zones=ZONES_PER_VISIT,
)
MORPHEUS_8 = ProtocolEntry(
    code="morpheus8",
    name=Text("Exosomes, peau, Morpheus 8", "Exosomes, skin, Morpheus 8"),
    consent=consent.exosomes(consent.RADIOFREQUENCY, consent.NUMBING),
    visits=(CONSULTATION, skin_session("morpheus8")),
    phases=course(EVERY_FIVE_WEEKS, EVERY_FIVE_WEEKS),
    zones=(
        PriceEntry(zone="face", minutes=25, price=Decimal(450)),
        PriceEntry(zone="neck", minutes=15, price=Decimal(280)),
        PriceEntry(zone="decollete", minutes=20, price=Decimal(320)),
        PriceEntry(zone="hands", minutes=15, price=Decimal(260)),
        PriceEntry(zone="abdomen", minutes=25, price=Decimal(400)),
    ),
    questions=questions.RADIOFREQUENCY,
    max_zones=ZONES_PER_VISIT,
)

SKIN = TreatmentEntry(
    slug="exosomes-skin",
    category=Category.SKIN,
    texts=TEXTS,
    uses_exosomes=True,
    indications=INDICATIONS,
    steps=STEPS,
    faqs=FAQS,
    protocols=(DERMAPEN, MORPHEUS_8),
)
