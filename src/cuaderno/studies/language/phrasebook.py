# ruff: noqa: E501
"""Sentences that we make up, for a computer without a collection of real ones: who, does what, where, when.

They show that everything works, and a network that learns them knows these few hundred words. For one that knows a
language, give it real sentences.
"""

import random

MANY, FEW = 500, 150  # sentences of the three languages, and of each of the others

# Each line of a language is one part of its sentences, its variants parted by bars.
PARTS = {
    "en": """
        My sister|The old teacher|Our neighbour|A young doctor|The boy next door|Nobody|Everyone here|Your friend|The woman with the hat|My grandfather|This student|The driver|Her daughter|The whole family|Somebody|The king
        bought bread|wants to sleep|reads the newspaper|has lost the keys|is cooking rice|wrote a long letter|would rather walk|knows the answer|broke the window|sings every song|is waiting for the train|found a small dog|drinks too much coffee|paints the wall white|forgot the umbrella|has never seen snow|looked for the truth|should work less
        at the market|in the garden|behind the church|near the river|at home|on the other side of the street|in a quiet village|at school|by the sea|under the bridge|in the kitchen|with three friends|without any money|far from the city
        yesterday|on Monday|this morning|every day|before lunch|after the rain|since last winter|at night|twice a week|when the sun shines|although it is late|because nobody asked|for the first time|as soon as possible
        """,
    "es": """
        Mi hermana|El viejo profesor|Nuestro vecino|Una doctora joven|El niño de al lado|Nadie|Todo el mundo aquí|Tu amigo|La mujer del sombrero|Mi abuelo|Este estudiante|El conductor|Su hija|Toda la familia|Alguien|El rey
        compró pan|quiere dormir|lee el periódico|ha perdido las llaves|está cocinando arroz|escribió una carta larga|prefiere caminar|sabe la respuesta|rompió la ventana|canta cada canción|espera el tren|encontró un perro pequeño|bebe demasiado café|pinta la pared de blanco|olvidó el paraguas|nunca ha visto la nieve|buscó la verdad|debería trabajar menos
        en el mercado|en el jardín|detrás de la iglesia|cerca del río|en casa|al otro lado de la calle|en un pueblo tranquilo|en la escuela|junto al mar|debajo del puente|en la cocina|con tres amigos|sin dinero|lejos de la ciudad
        ayer|el lunes|esta mañana|todos los días|antes de comer|después de la lluvia|desde el invierno pasado|por la noche|dos veces por semana|cuando brilla el sol|aunque es tarde|porque nadie preguntó|por primera vez|lo antes posible
        """,
    "ar": """
        أختي|المعلم القديم|جارنا|طبيب شاب|الولد الصغير|لا أحد|كل الناس هنا|صديقك|المرأة ذات القبعة|جدي|هذا الطالب|السائق|ابنتها|كل العائلة|شخص ما|الملك
        اشترى الخبز|يريد أن ينام|يقرأ الجريدة|فقد المفاتيح|يطبخ الأرز|كتب رسالة طويلة|يفضل المشي|يعرف الجواب|كسر النافذة|يغني كل أغنية|ينتظر القطار|وجد كلبا صغيرا|يشرب الكثير من القهوة|يدهن الجدار|نسي المظلة|لم ير الثلج أبدا|بحث عن الحقيقة|يجب أن يعمل أقل
        في السوق|في الحديقة|خلف المسجد|قرب النهر|في البيت|على الجانب الآخر من الشارع|في قرية هادئة|في المدرسة|عند البحر|تحت الجسر|في المطبخ|مع ثلاثة أصدقاء|بدون مال|بعيدا عن المدينة
        أمس|يوم الاثنين|هذا الصباح|كل يوم|قبل الغداء|بعد المطر|منذ الشتاء الماضي|في الليل|مرتين في الأسبوع|عندما تشرق الشمس|مع أن الوقت متأخر|لأن أحدا لم يسأل|لأول مرة|في أقرب وقت
        """,
    "pt": """
        Minha irmã|O velho professor|O nosso vizinho|Uma jovem médica|Ninguém|Toda a gente aqui|O teu amigo|A mulher do chapéu|Meu avô|Este aluno|O motorista|A filha dela|Alguém
        comprou pão|quer dormir|lê o jornal|perdeu as chaves|está cozinhando arroz|escreveu uma carta longa|prefere andar|sabe a resposta|quebrou a janela|espera o comboio|encontrou um cachorro|bebe café demais|esqueceu o guarda-chuva|nunca viu a neve
        no mercado|no jardim|atrás da igreja|perto do rio|em casa|do outro lado da rua|numa aldeia tranquila|na escola|junto ao mar|debaixo da ponte|na cozinha|sem dinheiro
        ontem|na segunda-feira|esta manhã|todos os dias|antes do almoço|depois da chuva|desde o inverno passado|à noite|embora seja tarde|pela primeira vez
        """,
    "fr": """
        Ma sœur|Le vieux professeur|Notre voisin|Une jeune médecin|Personne|Tout le monde ici|Ton ami|La femme au chapeau|Mon grand-père|Cet étudiant|Le chauffeur|Sa fille|Quelqu'un
        a acheté du pain|veut dormir|lit le journal|a perdu les clés|prépare du riz|a écrit une longue lettre|préfère marcher|connaît la réponse|a cassé la fenêtre|attend le train|a trouvé un petit chien|boit trop de café|a oublié le parapluie|n'a jamais vu la neige
        au marché|dans le jardin|derrière l'église|près de la rivière|à la maison|de l'autre côté de la rue|dans un village calme|à l'école|au bord de la mer|sous le pont|dans la cuisine|sans argent
        hier|lundi|ce matin|tous les jours|avant le déjeuner|après la pluie|depuis l'hiver dernier|la nuit|bien qu'il soit tard|pour la première fois
        """,
    "it": """
        Mia sorella|Il vecchio professore|Il nostro vicino|Una giovane dottoressa|Nessuno|Tutti qui|Il tuo amico|La donna con il cappello|Mio nonno|Questo studente|L'autista|Sua figlia|Qualcuno
        ha comprato il pane|vuole dormire|legge il giornale|ha perso le chiavi|cucina il riso|ha scritto una lunga lettera|preferisce camminare|conosce la risposta|ha rotto la finestra|aspetta il treno|ha trovato un cagnolino|beve troppo caffè|ha dimenticato l'ombrello|non ha mai visto la neve
        al mercato|in giardino|dietro la chiesa|vicino al fiume|a casa|dall'altra parte della strada|in un paese tranquillo|a scuola|vicino al mare|sotto il ponte|in cucina|senza soldi
        ieri|lunedì|questa mattina|ogni giorno|prima di pranzo|dopo la pioggia|dallo scorso inverno|di notte|anche se è tardi|per la prima volta
        """,
    "ca": """
        La meva germana|El vell professor|El nostre veí|Una metgessa jove|Ningú|Tothom aquí|El teu amic|La dona del barret|El meu avi|Aquest estudiant|El conductor|La seva filla|Algú
        va comprar pa|vol dormir|llegeix el diari|ha perdut les claus|està cuinant arròs|va escriure una carta llarga|prefereix caminar|sap la resposta|va trencar la finestra|espera el tren|va trobar un gos petit|beu massa cafè|va oblidar el paraigua|no ha vist mai la neu
        al mercat|al jardí|darrere l'església|prop del riu|a casa|a l'altra banda del carrer|en un poble tranquil|a l'escola|vora el mar|sota el pont|a la cuina|sense diners
        ahir|dilluns|aquest matí|cada dia|abans de dinar|després de la pluja|des de l'hivern passat|a la nit|encara que és tard|per primera vegada
        """,
    "fa": """
        خواهرم|معلم پیر|همسایه ما|یک پزشک جوان|هیچ کس|همه مردم اینجا|دوست تو|پدربزرگم|این دانشجو|راننده|دخترش|یک نفر
        نان خرید|می‌خواهد بخوابد|روزنامه می‌خواند|کلیدها را گم کرد|برنج می‌پزد|نامه بلندی نوشت|پاسخ را می‌داند|پنجره را شکست|منتظر قطار است|سگ کوچکی پیدا کرد|قهوه زیادی می‌نوشد|چتر را فراموش کرد|هرگز برف ندیده است
        در بازار|در باغ|پشت مسجد|نزدیک رودخانه|در خانه|آن طرف خیابان|در یک روستای آرام|در مدرسه|کنار دریا|زیر پل|در آشپزخانه|بدون پول
        دیروز|روز دوشنبه|امروز صبح|هر روز|پیش از ناهار|بعد از باران|از زمستان گذشته|شب‌ها|برای اولین بار
        """,
}


def sentences() -> dict[str, list[str]]:
    """Made-up sentences by language, the same every time."""
    rng = random.Random(2023)
    made = {}
    for code, text in PARTS.items():
        parts = [[one.strip() for one in line.split("|")] for line in text.strip().splitlines()]
        count = MANY if code in ("en", "es", "ar") else FEW
        made[code] = [_sentence(rng, parts) for _ in range(count)]
    return made


def _sentence(rng: random.Random, parts: list[list[str]]) -> str:
    """One of each part, the third and fourth not always."""
    chosen = [rng.choice(part) for part in parts]
    kept = chosen[:2] + [part for part in chosen[2:] if rng.random() < 0.75]
    return " ".join(kept) + "."
