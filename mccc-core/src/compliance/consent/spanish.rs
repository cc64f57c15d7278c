//! Opt-outs in Spanish.

use super::reading::Reading;

type Found = Option<&'static str>;

/// What a text message is called.
const MENSAJES: &[&str] = &[
    "mensaje",
    "mensajes",
    "texto",
    "textos",
    "sms",
    "mensajitos",
    "mensajito",
    "text",
    "texts",
    "spam",
    "notificaciones",
    "avisos",
    "publicidad",
    "promociones",
    "anuncios",
    "propaganda",
    "suscripcion",
    "mensage",
    "mensages",
    "alertas",
    "comunicaciones",
    "correos",
];
/// "Send", "write", "contact", "bother" as a command to one or several people, or as an infinitive.
const MANDAR: &[&str] = &[
    "mande",
    "manden",
    "mandes",
    "mandar",
    "mandarme",
    "mandarnos",
    "mandeme",
    "mandenme",
    "envie",
    "envien",
    "envies",
    "enviar",
    "enviarme",
    "enviarnos",
    "mandando",
    "enviando",
    "mandandome",
    "enviandome",
    "manda",
    "reenvien",
];
const ESCRIBIR: &[&str] = &[
    "escriba",
    "escriban",
    "escribas",
    "escribir",
    "escribirme",
    "escribirnos",
    "escribiendo",
    "escribiendome",
    "textee",
    "texteen",
    "textees",
    "textear",
    "textearme",
    "texteando",
    "texteandome",
    "contacte",
    "contacten",
    "contactes",
    "contactar",
    "contactarme",
    "contactarnos",
    "moleste",
    "molesten",
    "molestes",
    "molestar",
    "molestarme",
    "molestando",
    "molestandome",
    "mensajee",
    "mensajeen",
    "mensajear",
    "mensajearme",
    "mensajees",
    "fastidien",
    "fastidie",
    "fastidiar",
    "acosen",
    "acosar",
    "acosarme",
    "joder",
    "jodan",
    "jodas",
    "chinguen",
    "spamear",
    "texteo",
];
const LLAMAR: &[&str] = &[
    "llame",
    "llamen",
    "llames",
    "llamar",
    "llamarme",
    "llamarnos",
    "hable",
    "hablen",
    "hables",
    "hablar",
    "hablarme",
    "marquen",
    "marque",
];
const LUEGO: &[&str] = &[
    "hasta",
    "antes",
    "despues",
    "hoy",
    "manana",
    "noche",
    "todavia",
    "aun",
    "cuando",
    "mientras",
    "tarde",
    "temprano",
    "lunes",
    "martes",
    "miercoles",
    "jueves",
    "viernes",
    "sabado",
    "domingo",
    "sin",
    "trabajo",
    "si",
    "esta",
];
const LISTA: &[&str] = &[
    "lista",
    "listas",
    "base",
    "sistema",
    "contactos",
    "mensajes",
    "textos",
    "aqui",
    "esto",
    "esta",
    "datos",
    "registro",
    "directorio",
    "grupo",
    "su",
    "sus",
];
const OTRA_LISTA: &[&str] = &[
    "cita",
    "citas",
    "agenda",
    "calendario",
    "horario",
    "espera",
    "trabajo",
    "factura",
    "contrato",
];

pub(super) fn opt_out(reading: &Reading) -> Found {
    reading.clauses.iter().find_map(|clause| {
        let words = clause.words();
        (0..words.len()).find_map(|at| {
            let (before, here) = words.split_at(at);
            rule(reading, before, here)
        })
    })
}

fn has(words: &[&str], any: &[&str]) -> bool {
    words.iter().any(|word| any.contains(word))
}

fn among(word: Option<&&str>, any: &[&str]) -> bool {
    word.is_some_and(|word| any.contains(word))
}

fn rule(reading: &Reading, before: &[&str], here: &[&str]) -> Found {
    let alone = before.is_empty();
    let negated = among(before.last(), &["no", "nunca", "ni"]);
    match here {
        [
            "alto" | "pare" | "paren" | "parar" | "parenle" | "parale" | "basta" | "detente" | "detenganse"
            | "detengan" | "detengase" | "para" | "detener" | "suspender" | "suspendan",
        ] if alone => Some("ALTO"),
        [
            "pare" | "paren" | "parenle" | "basta" | "parale" | "alto",
            "con" | "de" | "a",
            rest @ ..,
        ] if !negated => (mensajes(rest) || verbo(rest)).then_some("paren de escribir"),
        ["quiero" | "deseo" | "favor" | "quisiera", "parar"] => Some("ALTO"),
        [
            "pare" | "paren" | "parar" | "detengan" | "detener" | "detenga" | "cancele" | "cancelen" | "cancelar"
            | "cancela" | "suspendan" | "suspender" | "suspenda" | "quiten" | "quitar" | "desactiven" | "desactivar"
            | "eliminen" | "terminen" | "anular" | "anulen",
            rest @ ..,
        ] if !negated && mensajes(rest) => Some("no mas mensajes"),
        ["cancelar"] if alone && reading.clauses.len() == 1 => Some("cancelar"),
        ["baja"] if alone && reading.clauses.len() == 1 => Some("baja"),
        [
            "darme" | "denme" | "dame" | "deme" | "dar" | "darse" | "darnos",
            "de",
            "baja",
            rest @ ..,
        ] if !negated => {
            // "La luz": another thing goes.
            let other = among(rest.first(), &["la", "el", "los", "las", "un", "una"]) && !mensajes(rest);
            (!other).then_some("baja")
        }
        [
            "desuscribir" | "desuscribirme" | "desuscribirse" | "desinscribir" | "desinscribirme" | "desuscribanme"
            | "desuscribeme" | "desuscriban" | "dessuscribir" | "desubscribir" | "desubscribirme",
            ..,
        ] if !negated => Some("baja"),
        ["no", "mas", rest @ ..] => {
            let fact = among(before.last(), &["hay", "tengo", "sale", "es", "son", "quedan"]);
            let ends = rest.is_empty() && (alone || among(before.last(), &["quiero", "dije"]));
            (!fact && (ends || mensajes(rest))).then_some("no mas mensajes")
        }
        ["nomas", rest @ ..] if alone && mensajes(rest) => Some("no mas mensajes"),
        ["no" | "nunca", rest @ ..] if !has(rest, LLAMAR) || !prefers_texts(reading) => {
            no_me(rest).or_else(|| no_quiero(rest))
        }
        [
            "dejen" | "deje" | "deja" | "dejar" | "dejenme" | "dejeme" | "dejame",
            "de",
            rest @ ..,
        ] if !negated => verbo(rest).then_some("dejen de escribir"),
        ["paren" | "pare" | "para" | "paras" | "parale", "de", rest @ ..] => verbo(rest).then_some("dejen de escribir"),
        [
            "dejenme" | "dejeme" | "dejame" | "dejennos" | "dejenos",
            "en",
            "paz",
            ..,
        ] => Some("dejenme en paz"),
        [
            "dejenme" | "dejeme" | "dejame" | "dejennos",
            "tranquilo" | "tranquila" | "tranquilos" | "solo" | "sola",
            rest @ ..,
        ] if !among(rest.first(), &["con", "un"]) => Some("dejenme en paz"),
        [
            "quitenme" | "quiteme" | "quitame" | "saquenme" | "saqueme" | "sacame" | "borrenme" | "borreme" | "borrame"
            | "eliminenme" | "elimineme" | "eliminame" | "remuevanme" | "remuevame" | "remueveme" | "quitarme"
            | "sacarme" | "borrarme" | "eliminarme" | "retirenme" | "retireme",
            rest @ ..,
        ] if !negated => fuera(rest).then_some("quitenme de la lista"),
        [
            "quiten" | "quite" | "quita" | "borren" | "borre" | "borra" | "eliminen" | "elimine" | "elimina" | "saquen"
            | "saque" | "saca" | "remuevan" | "quitar" | "borrar" | "eliminar" | "pierda" | "pierdan" | "olviden"
            | "olvide" | "bloqueen",
            "mi" | "este",
            "numero" | "telefono" | "nombre" | "contacto" | "celular",
            rest @ ..,
        ] if !negated => fuera(rest).then_some("borren mi numero"),
        [
            "me" | "nos",
            "quiten" | "quite" | "saquen" | "saque" | "borren" | "borre" | "eliminen" | "elimine" | "remuevan",
            rest @ ..,
        ] if !negated && !rest.is_empty() => fuera(rest).then_some("quitenme de la lista"),
        [
            "retiro" | "revoco" | "retirar" | "revocar",
            "mi",
            "consentimiento" | "permiso" | "autorizacion",
            ..,
        ] if !negated => Some("revoco mi consentimiento"),
        ["revoco"] if alone => Some("revoco mi consentimiento"),
        ["voy", "a", "bloquear" | "bloquearlos", ..] | ["los" | "te" | "lo", "voy", "a", "bloquear", ..]
            if !negated =>
        {
            Some("bloqueo")
        }
        ["arret" | "arreter"] if alone => Some("ARRET"),
        _ => None,
    }
}

/// "Don't call, write": a wish for texts.
fn prefers_texts(reading: &Reading) -> bool {
    reading.has(&[
        "escribanme",
        "escribeme",
        "escribame",
        "mandenme",
        "mandeme",
        "mandame",
        "manda",
        "envienme",
        "envieme",
        "enviame",
        "mejor",
    ])
}

/// "(No me) manden más mensajes", "(no me) escriban".
fn no_me(rest: &[&str]) -> Found {
    let rest = match rest {
        ["me" | "nos" | "le" | "les", more @ ..] => more,
        more => more,
    };
    let rest = match rest {
        ["vuelva" | "vuelvan" | "vuelvas" | "volver", "a", more @ ..] => more,
        ["me" | "nos" | "sigan" | "siga" | "sigas" | "esten" | "este", more @ ..] => more,
        more => more,
    };
    let (verb, object) = rest.split_first()?;
    if has(object, LUEGO) && !has(object, &["numero"]) {
        return None;
    }
    let found = if MANDAR.contains(verb) {
        object.is_empty()
            || mensajes(object)
            || matches!(object, ["mas" | "nada" | "esto" | "eso" | "estos", ..]) && cosa(object)
    } else if ESCRIBIR.contains(verb) {
        yo(object)
    } else if LLAMAR.contains(verb) {
        yo(object) && !has(object, &["mensaje", "texto"])
    } else {
        false
    };
    found.then_some("no me escriban")
}

/// "(No) quiero recibir mensajes", "(no) quiero que me escriban", "(no) deseo más mensajes".
fn no_quiero(rest: &[&str]) -> Found {
    let (verb, object) = rest.split_first()?;
    if ![
        "quiero", "deseo", "necesito", "queremos", "deseamos", "autorizo", "acepto", "quisiera", "doy", "quiere",
    ]
    .contains(verb)
    {
        return None;
    }
    if has(object, &["perder", "perderme", "cancelar", "parar", "dejar"]) {
        return None;
    }
    let found = match object {
        ["que", "me" | "nos", more @ ..] => no_me(more).is_some(),
        ["que", more @ ..] => no_me(more).is_some(),
        ["seguir", "recibiendo", more @ ..] => {
            more.is_empty() || mensajes(more) || among(more.first(), &["esto", "estos"])
        }
        ["recibir", more @ ..] => {
            mensajes(more) || matches!(more, [] | ["mas"] | ["nada", ..] | ["esto" | "estos", ..])
        }
        ["saber", "nada" | "mas", ..] => !has(object, &["precio", "cita"]),
        ["ser", "contactado" | "contactada" | "molestado" | "molestada", ..] => true,
        ["mas"] | ["nada", "de", "ustedes" | "usted" | "ti", ..] => true,
        ["consentimiento" | "permiso", ..] | ["mi", "consentimiento" | "permiso", ..] => true,
        _ => mensajes(object),
    };
    found.then_some("no quiero mensajes")
}

/// A mention of text messages, after articles and the like.
fn mensajes(rest: &[&str]) -> bool {
    const ANTES: &[&str] = &[
        "los", "las", "el", "la", "mas", "sus", "su", "estos", "esos", "este", "esta", "mis", "mi", "de", "tantos",
        "ningun", "otro", "otros", "todos", "mandar", "enviar", "mandarme", "enviarme", "con", "esas", "estas", "toda",
        "todas", "me", "recibir", "ni", "a", "un", "nada", "tus", "tu", "tanto",
    ];
    rest.iter()
        .find(|word| !ANTES.contains(word))
        .is_some_and(|word| MENSAJES.contains(word))
        && !has(rest, &["ultimo", "anterior"])
}

/// A verb of writing, with the writer as its object: "mandarme mensajes", "escribirme".
fn verbo(rest: &[&str]) -> bool {
    let rest = match rest {
        ["estar" | "estarme" | "andar" | "me", more @ ..] => more,
        more => more,
    };
    match rest {
        [verb, object @ ..] if MANDAR.contains(verb) => {
            object.is_empty()
                || mensajes(object)
                || among(object.first(), &["esto", "eso", "cosas", "estos", "tanto", "tantos"])
        }
        [verb, object @ ..] if ESCRIBIR.contains(verb) || LLAMAR.contains(verb) => yo(object),
        _ => false,
    }
}

/// Nobody but the writer is meant.
fn yo(object: &[&str]) -> bool {
    !matches!(object, ["a", "mi", who, ..] if !matches!(*who, "numero" | "telefono" | "celular" | "cel"))
        && !matches!(
            object,
            [
                "el" | "la" | "los" | "las" | "un" | "una" | "tan" | "con" | "del" | "sobre",
                ..
            ]
        )
        && !matches!(object, ["al", ..])
        && !matches!(object, ["a", "el" | "la" | "los" | "las" | "un", ..])
}

fn cosa(object: &[&str]) -> bool {
    object.len() <= 2 || among(object.get(1), &["a", "de", "cosas"])
}

fn fuera(rest: &[&str]) -> bool {
    match rest {
        [] => true,
        ["de" | "del", more @ ..] => {
            has(more, LISTA) && !has(more, OTRA_LISTA) || more.is_empty() || among(more.first(), &["aqui", "ahi"])
        }
        ["y" | "que" | "no", ..] => true,
        _ => false,
    }
}
