"""The words of the page *Embeddings*, in both languages. A test keeps the keys equal."""

TEXT = {
    "en": {
        "no_runs": "No trained run here can turn texts into vectors. Train a study that can on the page *Train*.",
        "run": "Run",
        "texts": "Texts, one a line",
        "example": "The soup was cold and late.\nA warm welcome and good bread.\nI would come again.\nNever again: "
        "dirty and dear.\nThe bed was hard.\nA quiet room.\nThe waiter was kind.\nNobody answered the bell.",
        "drop": "or a file: CSV, TSV, JSONL, JSON, Parquet, or a text a line",
        "from_file": "{n} texts of {file}, from the column {column}.",
        "too_many": "The first {n} of them are taken.",
        "embed": "Turn into vectors",
        "embedding": "{n} texts are read by {run} …",
        "done": "{n} texts, {d} numbers each, on this computer: nothing was sent.",
        "search": "Search by meaning",
        "search_example": "something about food",
        "nothing": "Give it at least one text.",
        "likeness": "likeness",
        "text": "text",
        "likeness_help": "The cosine of the two vectors: 1 is the same direction, 0 has nothing to do with it.",
        "map": "Map",
        "map_kind": "How it is drawn",
        "pca": "PCA",
        "tsne": "t-SNE",
        "pca_said": "PCA turns the cloud so that its two widest directions lie on paper: they show {share} of how the "
        "texts differ.",
        "tsne_said": "t-SNE keeps neighbours together. How far apart groups lie, and how large they are, is no sign.",
        "map_help": "Point at a dot to read it, click it to see its neighbours, drag to move, turn the wheel with Ctrl "
        "to zoom. What was found above is red.",
        "drawing": "Drawing the map …",
        "of": "The neighbours of",
        "sequence": "One text as a sequence of vectors",
        "sequence_of": "Text",
        "sequence_said": "A row for each token, a column for each of its {d} numbers: blue above zero, red below, the "
        "stronger the farther. The same token has other numbers beside other neighbours.",
        "sequence_cut": "The first {n} tokens are drawn.",
        "show_sequence": "Draw it",
    },
    "es": {
        "no_runs": "Aquí ninguna ejecución entrenada convierte textos en vectores. Entrena un estudio que pueda en la "
        "página *Entrenar*.",
        "run": "Ejecución",
        "texts": "Textos, uno por línea",
        "example": "La sopa llegó fría y tarde.\nUna bienvenida cálida y buen pan.\nVolvería otra vez.\nNunca más: "
        "sucio y caro.\nLa cama era dura.\nUna habitación tranquila con vistas.\nEl camarero fue amable.\n"
        "Nadie abrió la puerta.",
        "drop": "o un archivo: CSV, TSV, JSONL, JSON, Parquet o un texto por línea",
        "from_file": "{n} textos de {file}, de la columna {column}.",
        "too_many": "Se toman los primeros {n}.",
        "embed": "Convertir en vectores",
        "embedding": "{run} está leyendo {n} textos …",
        "done": "{n} textos, {d} números cada uno, en este ordenador: no se ha enviado nada.",
        "search": "Buscar por el significado",
        "search_example": "algo sobre comida",
        "nothing": "Dale al menos un texto.",
        "likeness": "parecido",
        "text": "texto",
        "likeness_help": "El coseno de los dos vectores: 1 es la misma dirección, 0 no tiene nada que ver.",
        "map": "Mapa",
        "map_kind": "Cómo se dibuja",
        "pca": "PCA",
        "tsne": "t-SNE",
        "pca_said": "PCA gira la nube para que sus dos direcciones más anchas queden en el papel: muestran el {share} "
        "de lo que distingue a los textos.",
        "tsne_said": "t-SNE mantiene juntos a los vecinos. La distancia entre grupos y su tamaño no dicen nada.",
        "map_help": "Señala un punto para leerlo, haz clic para ver sus vecinos, arrastra para moverte y gira "
        "la rueda con Ctrl para acercarte. Lo encontrado arriba está en rojo.",
        "drawing": "Dibujando el mapa …",
        "of": "Los vecinos de",
        "sequence": "Un texto como secuencia de vectores",
        "sequence_of": "Texto",
        "sequence_said": "Una fila por token y una columna por cada uno de sus {d} números: azul por encima de cero, "
        "rojo por debajo, más fuerte cuanto más lejos. El mismo token tiene otros números junto a otros vecinos.",
        "sequence_cut": "Se dibujan los primeros {n} tokens.",
        "show_sequence": "Dibujarla",
    },
}
