"""The red flags: what must be recognised, and what must be left to the topics. The sentences are our own inventions."""

from itertools import product
from pathlib import Path
from time import perf_counter

import pytest
import yaml

from bot.understanding.red_flags import RedFlagRules, RedFlagRulesError

RULES_FILE = Path(__file__).parents[2] / "data" / "safety" / "red_flags.yml"
SIGNS = {sign["name"]: sign["kind"] for sign in yaml.safe_load(RULES_FILE.read_text(encoding="utf-8"))["signs"]}

# the sign that must be recognised, the language, the message
RECOGNISED = [
    ("suicide", "en", "my uncle keeps saying he will kill himself"),
    ("suicide", "fr", "mon cousin répète qu'il va se tuer"),
    ("wish to die", "en", "honestly I would rather be dead than go through this winter"),
    ("wish to die", "fr", "ma tante me dit qu'elle ne veut plus vivre"),
    ("farewell", "en", "he has left goodbye letters on the kitchen table"),
    ("farewell", "fr", "elle a posé une lettre d'adieu sur son lit"),
    ("taking all the pills", "en", "my niece has just swallowed all her tablets"),
    ("taking all the pills", "fr", "ma nièce vient d'avaler toute la plaquette"),
    ("self-harm", "en", "our daughter has started cutting herself again"),
    ("self-harm", "fr", "notre fille se scarifie en cachette"),
    ("cannot breathe", "en", "grandpa is struggling to breathe"),
    ("cannot breathe", "fr", "mon oncle n'arrive plus à respirer"),
    ("plain wish to die", "en", "my neighbour says that she wants to die"),
    ("plain wish to die", "fr", "mon frère a envie de mourir"),
    ("breathing", "en", "grandpa is breathing slower and slower"),
    ("breathing", "fr", "mon oncle respire de plus en plus lentement"),
    ("blue or grey", "en", "her lips have gone bluish"),
    ("blue or grey", "fr", "ses doigts sont devenus bleus"),
    ("cannot be woken", "en", "we cannot wake my aunt"),
    ("cannot be woken", "fr", "impossible de réveiller mon oncle"),
    ("drowsy now", "en", "my brother is extremely drowsy since they raised the rate"),
    ("drowsy now", "fr", "mon oncle est très somnolent depuis la nouvelle dose"),
    ("confused now", "en", "my aunt has been hallucinating and shouting"),
    ("confused now", "fr", "mon oncle est confus depuis le déjeuner d'hier"),
    ("pinpoint pupils", "en", "his pupils look like pinpoints to me"),
    ("pinpoint pupils", "fr", "les pupilles de mon frère sont minuscules"),
    ("seizure", "en", "my cousin has just had a seizure"),
    ("seizure", "fr", "ma cousine a des convulsions"),
    ("overdose", "en", "I fear it is an overdose, the refill was at noon"),
    ("overdose", "fr", "à mon avis c'est un surdosage"),
    ("circulation", "en", "I have chest pain and feel odd"),
    ("circulation", "fr", "j'ai une douleur dans la poitrine"),
    ("allergy", "en", "my tongue is getting swollen"),
    ("allergy", "fr", "son visage gonfle à vue d'œil"),
    ("meningitis", "en", "the neighbour, a nurse, says it looks like meningitis"),
    ("meningitis", "fr", "la voisine pense à une méningite"),
    ("stiff neck", "en", "my neck has become terribly stiff"),
    ("stiff neck", "fr", "ma nuque est devenue toute raide"),
    ("headache and light", "en", "I've a headache and can't bear any light"),
    ("headache and light", "fr", "j'ai une migraine et la moindre lumière me fait mal"),
    ("headache and vomiting", "en", "my head hurts and I have been throwing up"),
    ("headache and vomiting", "fr", "maux de tête, et je viens de vomir trois fois"),
    ("worst headache", "en", "this is the worst headache I've known"),
    ("worst headache", "fr", "j'ai un mal de crâne insupportable"),
    ("headache on standing", "en", "the headache starts whenever I sit up"),
    ("headache on standing", "fr", "mal de tête dès que je suis debout"),
    ("fever", "en", "I have a fever"),
    ("fever", "fr", "mon frère a de la fièvre"),
    ("inflamed site", "en", "the skin beside my scar is red and shiny"),
    ("inflamed site", "fr", "la peau au-dessus de la pompe est rouge et tendue"),
    ("leaking site", "en", "something wet is seeping from my incision"),
    ("leaking site", "fr", "ma cicatrice du dos suinte un peu"),
    ("wound open", "en", "the stitches have come undone at one end"),
    ("wound open", "fr", "ma suture s'est ouverte au bout"),
    ("bleeding", "en", "the wound on my tummy is bleeding"),
    ("bleeding", "fr", "ma plaie saigne encore"),
    ("pump through the skin", "en", "a bit of the tube is poking out of my back"),
    ("pump through the skin", "fr", "un coin du boîtier ressort de la peau"),
    ("pump turned", "en", "I believe the pump has rotated in its pocket"),
    ("pump turned", "fr", "je crois que le boîtier s'est retourné"),
    ("withdrawal", "en", "I'm in withdrawal, everything aches"),
    ("withdrawal", "fr", "ma sœur est en état de manque"),
    ("ran dry", "en", "my pump ran dry on the ferry"),
    ("ran dry", "fr", "le réservoir est à sec depuis hier"),
    ("missed refill", "en", "we missed the refill because of the storm"),
    ("missed refill", "fr", "à cause de la tempête j'ai manqué mon remplissage"),
    ("alarm", "en", "my pump gives a strange beep every quarter of an hour"),
    ("alarm", "fr", "ma pompe bipe toutes les quinze minutes"),
    ("pump stopped", "en", "I am sure my pump has stopped"),
    ("pump stopped", "fr", "je suis sûr que ma pompe ne marche plus"),
    ("pain back suddenly", "en", "out of nowhere the pain is back"),
    ("pain back suddenly", "fr", "la douleur est revenue brutalement"),
    ("legs fail", "en", "my left foot has gone numb"),
    ("legs fail", "fr", "mon pied gauche est engourdi"),
    ("bladder or bowel", "en", "I wet myself and felt nothing"),
    ("bladder or bowel", "fr", "mon oncle n'arrive plus à uriner"),
    ("blow on the pump", "en", "a shopping trolley crashed into my pump"),
    ("blow on the pump", "fr", "j'ai pris un coup de guidon dans la pompe"),
    ("wrong drug or dose", "en", "I was given the wrong syringe at the refill"),
    ("wrong drug or dose", "fr", "au remplissage ils se sont trompés de flacon"),
    ("call for help", "en", "send an ambulance to my flat"),
    ("call for help", "fr", "il me faut une ambulance"),
]

# the sign that must not be recognised, the language, the message
LEFT_ALONE = [
    ("suicide", "en", "the pain is killing me, which doctor treats it?"),
    ("suicide", "fr", "je voudrais en finir avec les comprimés"),
    ("wish to die", "en", "I can't take this pain any more, who can help me with it?"),
    ("wish to die", "fr", "je n'en supporte plus de cette douleur, qui peut m'aider ?"),
    ("farewell", "en", "goodbye and thanks for the message"),
    ("farewell", "fr", "merci pour le message, et au revoir"),
    ("taking all the pills", "en", "do I go on taking all my pills next to the pump?"),
    ("taking all the pills", "fr", "devrai-je encore prendre tous mes cachets avec la pompe ?"),
    ("self-harm", "en", "will the refill hurt?"),
    ("self-harm", "fr", "la piqûre va-t-elle me faire mal ?"),
    ("breathing", "en", "does spinal morphine slow the breathing down?"),
    ("cannot breathe", "en", "do people on spinal morphine breathe less deeply?"),
    ("cannot breathe", "fr", "respire-t-on moins bien avec cette morphine ?"),
    ("plain wish to die", "en", "do many patients die in hospital?"),
    ("plain wish to die", "fr", "peut-on mourir chez soi avec la pompe ?"),
    ("breathing", "fr", "la respiration est-elle ralentie par la morphine de la pompe ?"),
    ("blue or grey", "en", "is the pump grey or blue?"),
    ("blue or grey", "fr", "la pompe est-elle grise ou bleue ?"),
    ("cannot be woken", "en", "is one unconscious during the implantation?"),
    ("cannot be woken", "fr", "est-on inconscient pendant l'implantation ?"),
    ("drowsy now", "en", "are people less drowsy with the pump?"),
    ("drowsy now", "fr", "est-on moins somnolent avec la pompe ?"),
    ("confused now", "en", "I'm confused about the two kinds of pain"),
    ("confused now", "fr", "votre réponse est confuse"),
    ("pinpoint pupils", "en", "what do the pupils tell the doctor?"),
    ("pinpoint pupils", "fr", "pourquoi regarde-t-on les pupilles ?"),
    ("seizure", "en", "is there a risk of seizures?"),
    ("seizure", "fr", "y a-t-il un risque de convulsions ?"),
    ("overdose", "en", "how is an overdose avoided?"),
    ("overdose", "fr", "comment évite-t-on un surdosage ?"),
    ("circulation", "en", "does the treatment change the blood pressure?"),
    ("circulation", "fr", "la tension change-t-elle avec la pompe ?"),
    ("allergy", "en", "can people get hives from these drugs?"),
    ("allergy", "fr", "peut-on faire de l'urticaire avec ces produits ?"),
    ("meningitis", "en", "how often does meningitis happen?"),
    ("meningitis", "fr", "la méningite est-elle une complication connue ?"),
    ("stiff neck", "en", "would a stiff neck be a possible side effect?"),
    ("stiff neck", "fr", "une nuque raide, est-ce un effet indésirable possible ?"),
    ("headache and light", "en", "are headaches that light makes worse a known complication?"),
    ("headache and light", "fr", "les maux de tête aggravés par la lumière sont-ils une complication ?"),
    ("headache and vomiting", "en", "are headaches and vomiting side effects?"),
    ("headache and vomiting", "fr", "les maux de tête et vomissements sont-ils fréquents ?"),
    ("worst headache", "en", "how common is a severe headache after the implantation?"),
    ("worst headache", "fr", "un mal de tête violent est-il un risque connu ?"),
    ("headache on standing", "en", "can the puncture give a headache when you sit up?"),
    ("headache on standing", "fr", "la ponction peut-elle donner mal à la tête quand on est debout ?"),
    ("fever", "en", "what happens if a patient gets a fever?"),
    ("fever", "fr", "que se passe-t-il si un patient a de la fièvre ?"),
    ("inflamed site", "en", "does the scar usually stay red for long?"),
    ("inflamed site", "fr", "combien de temps la cicatrice reste-t-elle rouge ?"),
    ("leaking site", "en", "how often does a catheter leak?"),
    ("leaking site", "fr", "le cathéter peut-il fuir ?"),
    ("wound open", "en", "could the wound open again?"),
    ("wound open", "fr", "la plaie risque-t-elle de se rouvrir ?"),
    ("bleeding", "en", "is there much bleeding from the wound as a rule?"),
    ("bleeding", "fr", "est-ce que la plaie saigne beaucoup en général ?"),
    ("pump through the skin", "en", "can one see the pump through clothes?"),
    ("pump through the skin", "fr", "est-ce que la pompe se voit sous un pull ?"),
    ("pump turned", "en", "might the pump turn over in its pocket?"),
    ("pump turned", "fr", "la pompe peut-elle basculer ?"),
    ("withdrawal", "en", "what are withdrawal symptoms?"),
    ("withdrawal", "fr", "quels sont les symptômes de sevrage ?"),
    ("ran dry", "en", "is there an alarm when it is empty?"),
    ("ran dry", "fr", "que fait-on quand la pompe est vide ?"),
    ("missed refill", "en", "what would happen after a missed refill?"),
    ("missed refill", "fr", "que se passe-t-il si un remplissage est oublié ?"),
    ("alarm", "en", "does the pump beep before the battery is flat?"),
    ("alarm", "fr", "les pompes ont-elles une alarme en général ?"),
    ("pump stopped", "en", "might the pump stop working all by itself?"),
    ("pump stopped", "fr", "est-ce que la pompe peut s'arrêter ?"),
    ("pain back suddenly", "en", "I have pain in my back since 2011"),
    ("pain back suddenly", "fr", "mes douleurs durent depuis dix ans"),
    ("legs fail", "en", "is weakness of the legs a complication?"),
    ("legs fail", "fr", "y a-t-il un risque de faiblesse des jambes ?"),
    ("bladder or bowel", "en", "can spinal morphine make people incontinent?"),
    ("bladder or bowel", "fr", "la morphine peut-elle rendre incontinent ?"),
    ("blow on the pump", "en", "what if someone falls on the pump one day?"),
    ("blow on the pump", "fr", "je suis tombé sur votre page sur la pompe"),
    ("wrong drug or dose", "en", "how do they make sure that nobody gets a wrong dose?"),
    ("wrong drug or dose", "fr", "comment évite-t-on une erreur de dose ?"),
    ("call for help", "en", "is the clinic open on Sundays?"),
    ("call for help", "fr", "aidez-moi à comprendre le remplissage"),
]

# why, the message, the kind that must be recognised or None
FRAMES = [
    ("denied", "no fever at all, I was just wondering about the battery", None),
    ("denied in French", "aucune fièvre, je me renseigne sur la batterie", None),
    ("a list is denied as a whole", "I have no fever, redness or swelling at the scar", None),
    ("a list is denied as a whole in French", "pas de fièvre, de frissons ou de rougeur de la cicatrice", None),
    ("not, written in two words", "the scar is not red", None),
    ("denied after the verb in French", "ma pompe ne sonne pas", None),
    ("one thing denied, another not", "I have no fever but the scar is oozing", "emergency"),
    ("one thing denied, another not, in French", "pas de fièvre mais ma plaie coule", "emergency"),
    ("a denial ends at the comma", "no appetite, shivering all night", "emergency"),
    ("not able is no denial of the rest", "il ne répond pas et il a de la fièvre", "emergency"),
    ("past", "I had a fever last summer after a trip", None),
    ("past in French", "j'ai eu de la fièvre l'été dernier", None),
    ("long past", "ma cicatrice s'est infectée il y a trois ans", None),
    ("past, but again now", "the scar leaked last month and again since this morning", "emergency"),
    ("an old pump, a new sign", "I got the pump three years ago, now the scar is red and hot", "emergency"),
    ("an old pump, a new sign, in French", "opérée il y a deux ans, la cicatrice est rouge et chaude", "emergency"),
    ("general", "can such a device get infected?", None),
    ("general in French", "un tel appareil, ça peut s'infecter ?", None),
    ("general, bare topic", "what are the risks", None),
    ("general, but now", "can the scar leak like this? It has been leaking since lunch", "emergency"),
    ("a question about one's own now", "is it normal that my pump beeps?", "emergency"),
    ("a question about one's own now, in French", "c'est normal que ma cicatrice coule ?", "emergency"),
    ("what to do about it now", "my scar is oozing, what should I do?", "emergency"),
    ("a question about suicide is never only general", "how do people talk to a suicidal friend?", "crisis"),
    ("another person", "the man I look after has a pump and he won't wake up", "emergency"),
    ("another person in French", "je garde une dame qui a une pompe, elle ne respire plus", "emergency"),
    ("played down", "sorry to bother you, it is surely nothing, my wound weeps a bit", "emergency"),
    ("played down in French", "c'est bête mais j'ai un peu de fièvre", "emergency"),
    ("crisis outranks emergency", "my pump beeps and I want to kill myself", "crisis"),
    ("the place in one sentence, the sign in the next", "J'ai mal à la tête. Et puis je vomis.", "emergency"),
    ("an age is not a temperature", "j'ai 39 ans et des douleurs au dos", None),
    ("a temperature with a comma", "ma mère a 38,9", "emergency"),
    ("hay fever is set aside", "may I take something for hay fever?", None),
    ("another pump is set aside", "la pompe de piscine fait un bruit bizarre", None),
    ("drowsy from tablets is a question of topics", "my dad is very drowsy on his tablets, is a pump gentler?", None),
    ("a refill today is no sign", "my refill is today, how long will it take?", None),
    ("hello", "hello and a good morning to you all", None),
    ("nothing", "", None),
    ("only marks", "?!… ,, (;", None),
]

MISSPELT = [
    ("a letter left out", "my wound is bleding", "emergency"),
    ("letters swapped", "theres pus and sweling at the scar", "emergency"),
    ("two words for one", "I can not breath", "emergency"),
    ("no apostrophe", "she wont wake up", "emergency"),
    ("text-speak", "im burnin up n shivring, got a fevr", "emergency"),
    ("phonetic French", "dpui ier jariv pa a respiré dan mon li", "emergency"),
    ("phonetic French, place", "sa cicatris coule un peu", "emergency"),
    ("phonetic French, verb", "el se reveil pa", "emergency"),
    ("text-speak in French", "g d frisson, c grave ?", "emergency"),
    ("no accents, capitals", "MA MERE A DE LA FIEVRE", "emergency"),
    ("stretched letters", "heeeelp she is uncooonscious and is unconsciouss", "emergency"),
    ("two languages", "ma pompe is beeping", "emergency"),
    ("crisis, misspelt", "i am sucidal", "crisis"),
    ("crisis, phonetic French", "jveu mourir ce soir", "crisis"),
    ("an ordinary word is not put right", "I am leaving the clinic with my pump", None),
]


@pytest.fixture(scope="module")
def rules() -> RedFlagRules:
    return RedFlagRules.load(RULES_FILE)


def told(rules: RedFlagRules, text: str) -> tuple[str, str] | None:
    flag = rules.recognise(text)
    return (flag.kind, flag.sign) if flag else None


def test_a_certain_sign_outranks_one_that_may_be_overruled(rules: RedFlagRules) -> None:
    flag = rules.recognise("the scar is red and she can't breathe")
    assert flag
    assert (flag.sign, flag.certain) == ("cannot breathe", True)
    doubtful = rules.recognise("the scar is red")
    assert doubtful
    assert not doubtful.certain


@pytest.mark.parametrize(("sign", "text"), [pytest.param(s, t, id=f"{language}, {s}") for s, language, t in RECOGNISED])
def test_recognises(rules: RedFlagRules, sign: str, text: str) -> None:
    assert told(rules, text) == (SIGNS[sign], sign)


@pytest.mark.parametrize("text", [pytest.param(t, id=f"{language}, {s}") for s, language, t in LEFT_ALONE])
def test_leaves_alone(rules: RedFlagRules, text: str) -> None:
    assert rules.recognise(text) is None


@pytest.mark.parametrize(("text", "kind"), [pytest.param(t, k, id=why) for why, t, k in [*FRAMES, *MISSPELT]])
def test_reads_the_sentence_around_the_sign(rules: RedFlagRules, text: str, kind: str | None) -> None:
    flag = rules.recognise(text)
    assert (flag.kind if flag else None) == kind


@pytest.mark.parametrize("cases", [RECOGNISED, LEFT_ALONE], ids=["recognised", "left alone"])
def test_every_sign_is_tested_in_both_languages(cases: list[tuple[str, str, str]]) -> None:
    assert {(sign, language) for sign, language, _ in cases} == set(product(SIGNS, ("en", "fr")))


def test_every_sign_has_its_reason() -> None:
    described = yaml.safe_load(RULES_FILE.read_text(encoding="utf-8"))
    assert [sign["name"] for sign in described["signs"] if not sign.get("why")] == []


def test_every_set_of_words_is_used() -> None:
    described = yaml.safe_load(RULES_FILE.read_text(encoding="utf-8"))
    used = {name for sign in described["signs"] for name in (*sign["needs"], *sign.get("about", ()))}
    assert set(described["words"]) == used


def test_is_fast_enough_for_every_message(rules: RedFlagRules) -> None:
    text = "My mother came home with her pump on Monday and I wonder how long the battery of it lasts in general"
    rules.recognise(text)
    durations = []
    for _ in range(20):
        start = perf_counter()
        rules.recognise(text)
        durations.append(perf_counter() - start)
    # a millisecond is the aim; the fastest of several runs does not depend on what else the machine does
    assert min(durations) < 0.002


SMALL = {
    "words": {"fever": {"en": ["fever"], "fr": ["fièvre"]}, "scar": {"en": ["scar*"], "fr": ["cicatric*"]}},
    "frames": {
        name: {"en": [f"{name} word"], "fr": [f"mot {name}"]}
        for name in ("denial", "turn", "past", "general", "now", "set_aside")
    },
    "signs": [{"name": "hot scar", "kind": "emergency", "needs": ["scar", "fever"]}],
}


def _load(folder: Path, **changes: object) -> RedFlagRules:
    path = folder / "rules.yml"
    path.write_text(yaml.safe_dump(SMALL | changes, allow_unicode=True), encoding="utf-8")
    return RedFlagRules.load(path)


def test_a_sign_needs_all_its_words(tmp_path: Path) -> None:
    rules = _load(tmp_path)
    assert told(rules, "a fever, and the scars hurt") == ("emergency", "hot scar")
    assert rules.recognise("a fever") is None
    assert rules.recognise("a fever. The scars hurt") is None


def test_what_a_sign_is_about_may_stand_in_another_sentence(tmp_path: Path) -> None:
    sign = {"name": "hot scar", "kind": "emergency", "about": ["scar"], "needs": ["fever"]}
    rules = _load(tmp_path, signs=[sign])
    assert told(rules, "a fever. The scars hurt") == ("emergency", "hot scar")
    assert rules.recognise("a fever") is None


@pytest.mark.parametrize(
    ("term", "text"),
    [
        pytest.param("red/hot scar", "a hot scar", id="choice"),
        pytest.param("red ... scar", "red over the old scar", id="gap"),
        pytest.param("red ... scar", "red scar", id="gap of nothing"),
        pytest.param("j'arrive pas", "j’arrive pas", id="curly apostrophe"),
        pytest.param("can't stand", "I can not stand", id="not"),
    ],
)
def test_terms(tmp_path: Path, term: str, text: str) -> None:
    sign = {"name": "sign", "kind": "emergency", "needs": ["fever"]}
    rules = _load(tmp_path, words={"fever": {"en": [term], "fr": ["fièvre"]}}, signs=[sign])
    assert told(rules, text) == ("emergency", "sign")
    assert rules.recognise("red and a long way off there is no scar") is None


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        pytest.param(
            {"signs": [{"name": "odd", "kind": "emergency", "needs": ["nowhere"]}]}, "odd", id="unknown words"
        ),
        pytest.param(
            {"signs": [{"name": "odd", "kind": "emergency", "needs": ["fever"], "about": ["nowhere"]}]},
            "odd",
            id="unknown words it is about",
        ),
        pytest.param({"signs": [{"name": "odd", "kind": "emergency", "needs": []}]}, "odd", id="needs nothing"),
        pytest.param({"signs": [{"name": "odd", "kind": "urgent", "needs": ["fever"]}]}, "odd", id="unknown kind"),
        pytest.param({"words": {"fever": {"en": ["fever"]}}}, "fever", id="one language only"),
        pytest.param({"words": {"fever": {"en": [], "fr": []}}}, "fever", id="no words"),
        pytest.param({"words": {"fever": {"en": ["*"], "fr": ["fièvre"]}}}, "fever", id="a word that fits everything"),
        pytest.param({"words": {"fever": {"en": ["... hot"], "fr": ["chaud"]}}}, "fever", id="starts with a gap"),
        pytest.param({"words": {"fever": {"en": [["hot"]], "fr": None}}}, "fever", id="not a list of words"),
        pytest.param({"frames": SMALL["frames"] | {"past": None}}, "past", id="a frame is missing"),
    ],
)
def test_refuses_rules_that_are_wrong(tmp_path: Path, changes: dict[str, object], named: str) -> None:
    with pytest.raises(RedFlagRulesError, match=named):
        _load(tmp_path, **changes)
