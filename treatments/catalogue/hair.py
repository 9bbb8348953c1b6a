"""Exosomes for the scalp. No numbing; the exosomes are applied while the physician needles; LED light at the end."""

from decimal import Decimal

from treatments.catalogue import consent, questions, shared
from treatments.catalogue.entries import FaqEntry, IndicationEntry, PriceEntry, ProtocolEntry, StepEntry, TreatmentEntry
from treatments.catalogue.rhythms import EVERY_MONTH, EVERY_TWO_WEEKS, course
from treatments.catalogue.visits import CONSULTATION, hair_session
from treatments.catalogue.words import Text, paragraphs
from treatments.models import Category

TEXTS = {
    "name": Text("Exosomes, cheveux", "Exosomes, hair"),
    "tagline": Text(
        "Microneedling médical du cuir chevelu avec des exosomes végétaux ou bactériens, puis lumière LED.",
        "Medical microneedling of the scalp with plant or bacterial exosomes, then LED light.",
    ),
    "summary": Text(
        "Le cuir chevelu est lavé et exfolié en douceur, puis un médecin y passe des micro-aiguilles pendant que les exosomes sont "
        "posés. Une lumière LED termine la séance. Le soin se suit comme une cure : trois séances à deux semaines d'intervalle, deux "
        "ou trois séances mensuelles, et deux rappels conseillés à six mois et à un an.",
        "The scalp is washed and gently exfoliated, then a physician passes microneedles over it while the exosomes are laid on. LED "
        "light ends the session. It is a course: three sessions two weeks apart, two or three monthly ones, and two boosters "
        "recommended at six months and a year.",
    ),
    "mechanism": paragraphs(
        shared.WHAT_IS_AN_EXOSOME,
        Text(
            "Posés sur le cuir chevelu, ces messages stimuleraient les cellules souches du follicule, allongeraient la phase de pousse "
            "du cheveu (phase anagène) et amélioreraient l'irrigation de la racine.",
            "Laid on the scalp, these messages are thought to stimulate the stem cells of the follicle, to lengthen the growth phase of "
            "the hair (anagen) and to improve the blood supply of the root.",
        ),
    ),
    "evidence": paragraphs(
        Text(
            "Pour les cheveux, les données sont encore limitées : quelques travaux suggèrent un appui aux autres soins de stimulation.",
            "For hair, the data are still limited: a few studies suggest a support to other stimulating treatments.",
        ),
        Text(
            "La plupart viennent du laboratoire ou de l'animal, ou d'exosomes humains, que nous n'employons pas. Pour les exosomes "
            "végétaux ou bactériens, l'effet sur la chute ou la densité reste à confirmer par de grandes études.",
            "Most come from the laboratory or from animals, or from human exosomes, which we do not use. For plant or bacterial exosomes "
            "the effect on shedding or density remains to be confirmed by large studies.",
        ),
        shared.INSERM,
        shared.NO_PROMISE,
    ),
    "legal_basis": shared.LEGAL_BASIS,
    "side_effects": paragraphs(
        Text(
            "Attendus : des rougeurs passagères et un cuir chevelu sensible, le plus souvent un à trois jours.",
            "Expected: temporary redness and a sensitive scalp, most often for one to three days.",
        ),
        Text(
            "Plus rares : petites croûtes, démangeaisons, maux de tête, infection d'un follicule. Douleur qui augmente, écoulement, fièvre "
            "ou réaction qui dure : appelez-nous le jour même.",
            "Less often: small scabs, itching, a headache, an infected follicle. If pain grows, if the skin oozes, if you have a fever or "
            "a reaction lasts: call us the same day.",
        ),
    ),
    "not_for": paragraphs(
        Text(
            "Nous ne proposons pas ce soin pendant la grossesse ou l'allaitement, en cas de maladie auto-immune (la pelade en est une), de "
            "défenses immunitaires affaiblies, de maladie de la coagulation, de cancer de la peau ou de lésion suspecte du cuir chevelu, "
            "d'allergie aux métaux ou à la source du produit, ni avant 18 ans.",
            "We do not offer this treatment during pregnancy or breastfeeding, with an autoimmune disease (alopecia areata is one), a "
            "weakened immune system, a bleeding disorder, a skin cancer or a suspicious lesion of the scalp, an allergy to metals or to the "
            "product's source, or before the age of 18.",
        ),
        Text(
            "D'autres situations demandent d'attendre ou l'avis du médecin : isotrétinoïne, cuir chevelu infecté ou blessé, greffe de "
            "cheveux, psoriasis, anticoagulants, médicament qui rend sensible à la lumière. Ne changez aucun traitement de vous-même.",
            "Other situations call for waiting or for the physician's opinion: isotretinoin, an infected or wounded scalp, a hair "
            "transplant, psoriasis, blood thinners, a medicine that makes you sensitive to light. Please change no treatment by yourself.",
        ),
    ),
    "preparation": Text(
        "Venez les cheveux démêlés, sans laque ni gel. Pas de coloration ni de lissage la semaine précédente. En cas de plaie ou de "
        "coup de soleil sur le crâne, appelez-nous avant de venir.",
        "Come with your hair combed out, without spray or gel. No colouring or straightening in the week before. If you have a wound "
        "or sunburn on the scalp, call us before you come.",
    ),
    "aftercare": Text(
        "Pas de shampooing pendant 24 heures, puis un shampooing doux. Ni soleil, ni piscine, ni transpiration importante pendant deux "
        "jours ; pas d'appareil chauffant pendant quelques jours. Le lendemain, nous prenons de vos nouvelles.",
        "No shampoo for 24 hours, then a mild one. No sun, swimming pool or heavy sweating for two days; no heated styling for a few "
        "days. The next day we ask how you are.",
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
    IndicationEntry(text=Text("Douceur, brillance et volume des cheveux", "Softness, shine and volume of the hair")),
    IndicationEntry(text=Text("Cycle de pousse des cheveux", "Growth cycle of the hair")),
    IndicationEntry(text=Text("Hydratation du cuir chevelu", "Hydration of the scalp")),
    IndicationEntry(text=Text("Chute et densité des cheveux", "Hair shedding and density")),
)

STEPS = (
    StepEntry(
        drawing="hair-wash",
        title=Text("Lavage", "Wash"),
        text=Text(
            "Le cuir chevelu est lavé au bac : impuretés et excès de sébum s'en vont.",
            "The scalp is washed at the basin: impurities and excess sebum go.",
        ),
    ),
    StepEntry(
        drawing="hair-exfoliation",
        title=Text("Exfoliation douce", "Gentle exfoliation"),
        text=Text(
            "Le médecin détache les cellules mortes, pour que le produit atteigne mieux la peau.",
            "The physician loosens dead cells, so that the product reaches the skin better.",
        ),
    ),
    StepEntry(
        drawing="hair-needling",
        title=Text("Microneedling et exosomes", "Microneedling with exosomes"),
        text=Text(
            "Le médecin passe les micro-aiguilles et les exosomes sont posés en même temps. Rien n'est injecté, et le geste se fait "
            "sans crème anesthésiante.",
            "The physician passes the microneedles and the exosomes are laid on at the same time. Nothing is injected, and it is done "
            "without numbing cream.",
        ),
    ),
    StepEntry(
        drawing="hair-led",
        title=Text("Lumière LED", "LED light"),
        text=Text(
            "Un panneau de LED éclaire le cuir chevelu pendant un quart d'heure ; l'idée est d'activer la circulation.",
            "An LED panel lights the scalp for a quarter of an hour; the idea is to stir the circulation.",
        ),
    ),
)

FAQS = (
    FaqEntry(
        question=Text("Est-ce que cela fait mal ?", "Does it hurt?"),
        answer=Text(
            "Les aiguilles sont très courtes et la plupart des personnes décrivent des picotements. Aucune crème anesthésiante n'est "
            "prévue ; dites au médecin si vous en souhaitez une.",
            "The needles are very short and most people describe tingling. No numbing cream is planned; tell the physician if you would "
            "like one.",
        ),
    ),
    shared.FAQ_SESSIONS,
    shared.FAQ_RESULTS,
    FaqEntry(
        question=Text("Faut-il se raser la tête ?", "Do I have to shave my head?"),
        answer=Text("Non. Le médecin sépare les cheveux raie par raie.", "No. The physician parts the hair line by line."),
    ),
    shared.FAQ_PRP,
    shared.FAQ_STEM_CELLS,
)

HAIR = TreatmentEntry(
    slug="exosomes-hair",
    category=Category.HAIR,
    texts=TEXTS,
    uses_exosomes=True,
    indications=INDICATIONS,
    steps=STEPS,
    faqs=FAQS,
    protocols=(
        ProtocolEntry(
            code="dermapen",
            name=Text("Exosomes, cheveux, Dermapen", "Exosomes, hair, Dermapen"),
            consent=consent.exosomes(consent.NEEDLING, consent.NO_NUMBING),
            visits=(CONSULTATION, hair_session()),
            phases=course(EVERY_TWO_WEEKS, EVERY_MONTH),
            zones=(PriceEntry(zone="hair", minutes=20, price=Decimal(280)),),
            questions=questions.HAIR,
            bookable_online=True,
        ),
    ),
)
