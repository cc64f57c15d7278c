//! Opt-outs by what a clause consists of, in English, Spanish and both at once.
//!
//! The rules of the two languages know sentences; this one knows only what words are about. A clause counts when
//! *every* word of it belongs to talk about being texted (ceasing, messages, lists, the writer) and together they say
//! that it shall end. One word about anything else, "leak", "Bob", "before 8", and the clause is left to the rules.

use super::reading::{Clause, Reading};

type Found = Option<&'static str>;

/// What a word is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Concept {
    /// An end of something.
    Cease,
    /// "Not", "no", "never".
    Not,
    /// Wishing, liking, needing.
    Want,
    /// Receiving, being sent.
    Get,
    /// Messages and sending them, in the plural or as an activity.
    Texting,
    /// One particular message.
    OneText,
    /// Bothering somebody.
    Bother,
    /// Taking off a list.
    Remove,
    /// Leaving a list, which can only mean one thing.
    Leave,
    /// The writer as an object.
    Me,
    /// The writer's number, or a list it is on.
    Number,
    /// "More", "again".
    More,
    /// Consent, permission, signing up.
    Consent,
    /// "Out", "off".
    Off,
    /// Who is wrong, who is annoyed: says why, not what.
    Why,
    /// Means nothing alone.
    Glue,
}

use Concept::{
    Bother, Cease, Consent, Get, Glue, Leave, Me, More, Not, Number, Off, OneText, Remove, Texting, Want, Why,
};

fn concept(word: &str) -> Option<Concept> {
    Some(match word {
        "stop" | "quit" | "cease" | "halt" | "desist" | "discontinue" | "terminate" | "disable" | "mute"
        | "deactivate" | "silence" | "suspend" | "refrain" | "abolish" | "avoid" | "prevent" | "cancel" | "end"
        | "pare" | "paren" | "parar" | "paralos" | "dejen" | "deje" | "deja" | "dejar" | "detengan" | "detenga"
        | "detener" | "detente" | "cancelen" | "cancele" | "cancela" | "cancelar" | "suspendan" | "suspender"
        | "suspenda" | "terminen" | "terminar" | "eviten" | "evite" | "evitar" | "desactiven" | "desactivar"
        | "basta" | "alto" => Cease,
        "no" | "not" | "dont" | "never" | "nolonger" | "nomore" | "without" | "zero" | "didnt" | "havent" | "nunca"
        | "ni" | "ningun" | "ninguno" | "ninguna" | "sin" | "jamas" | "tampoco" => Not,
        "want" | "wish" | "need" | "care" | "desire" | "prefer" | "like" | "quiero" | "kiero" | "deseo"
        | "queremos" | "necesito" | "quisiera" | "gusta" | "gustan" | "interesan" | "pido" | "pedi" => Want,
        "get" | "receive" | "getting" | "receiving" | "sent" | "recibir" | "recibiendo" => Get,
        "texts" | "texting" | "texted" | "messages" | "messaging" | "messaged" | "sms" | "notifications" | "alerts"
        | "communication" | "communications" | "contact" | "contacting" | "contacted" | "send" | "sending"
        | "spamming" | "robotexts" | "robotext" | "autotexts" | "reminders" | "blasts" | "promos" | "promotions"
        | "spam" | "solicitation" | "solicitations" | "mensajes" | "mensajitos" | "textos" | "notificaciones"
        | "alertas" | "publicidad" | "promociones" | "propaganda" | "anuncios" | "escriban" | "escriba"
        | "escribas" | "escribir" | "escribirme" | "escribiendo" | "escribiendome" | "manden" | "mande" | "mandes"
        | "mandar" | "mandarme" | "mandando" | "mandandome" | "envien" | "envie" | "envies" | "enviar" | "enviarme"
        | "enviando" | "enviandome" | "contacten" | "contacte" | "contactes" | "contactar" | "contactarme"
        | "textear" | "textearme" | "texteen" | "textee" | "textees" | "comunicaciones" | "mensajear" => Texting,
        "text" | "message" | "mensaje" | "texto" | "notification" | "alert" | "mensajito" => OneText,
        "bother" | "bothering" | "harass" | "harassing" | "bug" | "bugging" | "pester" | "pestering" | "disturb"
        | "disturbing" | "annoy" | "annoying" | "molesten" | "moleste" | "molestar" | "molestarme" | "molestando"
        | "molestandome" | "acosen" | "acosar" | "acosarme" | "fastidiar" | "fastidiando" | "joder" => Bother,
        "remove" | "removed" | "rmv" | "rm" | "delete" | "deleted" | "erase" | "erased" | "blacklist" | "exclude"
        | "suppress" | "scrub" | "purge" | "unlist" | "omit" | "quiten" | "quite" | "quita" | "quitar" | "borren"
        | "borre" | "borra" | "borrar" | "saquen" | "saque" | "saca" | "sacar" | "eliminen" | "elimine" | "elimina"
        | "eliminar" | "remuevan" | "remueva" | "remover" | "olviden" | "forget" | "lose" => Remove,
        "unsubscribe" | "unsubscribing" | "optout" | "disenroll" | "unenroll" | "unregister" | "desuscribir"
        | "desuscribirme" | "desinscribirme" | "dnc" => Leave,
        "me" | "us" | "nos" | "myself" | "mi" => Me,
        "number" | "phone" | "cell" | "cellphone" | "mobile" | "line" | "list" | "lists" | "database" | "system"
        | "records" | "contacts" | "thread" | "subscription" | "numero" | "telefono" | "celular" | "cel" | "lista"
        | "listas" | "sistema" | "registro" | "contactos" | "suscripcion" | "crm" => Number,
        "more" | "again" | "anymore" | "mas" | "else" | "another" | "nuevo" | "vez" => More,
        "consent" | "consented" | "permission" | "authorize" | "authorized" | "authorization" | "agree" | "agreed"
        | "optin" | "consentimiento" | "permiso" | "autorizo" | "autorice" | "autorizacion" => Consent,
        "off" | "out" | "fuera" | "salir" | "salirme" | "salirnos" => Off,
        "wrong" | "person" | "who" | "whoever" | "why" | "dis" | "idk" | "know" | "known" | "love" | "illegal"
        | "sick" | "tired" | "hate" | "unwanted" | "interested" | "customer" | "client" | "scam" | "stranger"
        | "enough" | "asked" | "told" | "call" | "landline" | "minor" | "deceased" | "died" | "passed" | "away"
        | "keep" | "keeps" | "done" | "over" | "scammer" | "scammers" | "equivocado" | "equivocada" | "quien"
        | "conozco" | "persona" | "cliente" | "harassment" | "ridiculous" | "crazy" => Why,
        "can" | "could" | "may" | "should" | "must" | "will" | "gotta" | "got" | "going" | "rather" | "gave"
        | "give" | "given" | "tell" | "ask" | "let" | "make" | "youd" | "youll" | "theyd" | "consider" | "formal"
        | "formally" | "request" | "notice" | "final" | "official" | "legal" | "tcpa" | "fcc" | "pursuant"
        | "under" | "law" | "act" | "prior" | "previous" | "i" | "im" | "ive" | "id" | "you" | "your" | "my"
        | "mine" | "our" | "the" | "a" | "an" | "this" | "that" | "these" | "those" | "them" | "it" | "its" | "is"
        | "are" | "am" | "was" | "be" | "been" | "being" | "of" | "to" | "from" | "for" | "on" | "in" | "with"
        | "at" | "by" | "via" | "through" | "any" | "all" | "every" | "single" | "such" | "so" | "and" | "or"
        | "do" | "have" | "has" | "had" | "would" | "please" | "ever" | "nothing" | "anything" | "something"
        | "stuff" | "thing" | "things" | "automated" | "automatic" | "auto" | "stupid" | "dumb" | "random"
        | "future" | "marketing" | "constant" | "unsolicited" | "bot" | "people" | "company" | "business" | "y"
        | "o" | "e" | "yo" | "que" | "q" | "de" | "del" | "la" | "el" | "los" | "las" | "lo" | "un" | "una"
        | "este" | "esta" | "esto" | "estos" | "esos" | "ese" | "eso" | "esa" | "sus" | "su" | "tus" | "tu"
        | "usted" | "ustedes" | "se" | "le" | "les" | "a1" | "al" | "para" | "por" | "en" | "con" | "nada"
        | "favor" | "ya" | "xfa" | "pf" | "pfv" | "porfis" | "solo" | "siempre" | "todos" | "todo" => Glue,
        _ => return None,
    })
}

/// The opt-out in a text, if one of its clauses is about nothing else.
pub(super) fn opt_out(reading: &Reading) -> Found {
    reading
        .clauses
        .iter()
        .find_map(|clause| {
            clause_ends_it(clause)
                .or_else(|| moved_off(clause))
                .or_else(|| closing_stop(clause))
                .or_else(|| warning(reading, clause))
        })
        .or_else(|| echoed(reading))
}

/// "Replying STOP": the word, and that it is being sent.
fn echoed(reading: &Reading) -> Found {
    let words: Vec<&str> = reading.all.iter().map(String::as_str).collect();
    matches!(
        words.as_slice(),
        [
            "reply" | "replying" | "texting" | "sending" | "saying" | "responding" | "answering",
            "stop" | "unsubscribe" | "end" | "quit" | "optout"
        ] | ["revoked"]
    )
    .then_some("stop")
}

/// "Next message goes to my attorney", "my attorney will hear if I am texted one more time".
fn warning(reading: &Reading, clause: &Clause) -> Found {
    let words = clause.words();
    let text = |word: &&str| matches!(concept(word), Some(Texting | OneText));
    let next = match words.as_slice() {
        ["next" | "another" | "any", rest @ ..] => rest.iter().take(2).any(text),
        ["one" | "1", "more", rest @ ..] => rest.first().is_some_and(text),
        _ => false,
    } || (reading.has_run(&["one", "more", "time"]) && words.iter().any(text));
    (next
        && reading.has(&[
            "attorney",
            "lawyer",
            "fcc",
            "ftc",
            "police",
            "reported",
            "sue",
            "court",
            "complaint",
        ]))
    .then_some("do not text me")
}

/// "Sign me off", "get my cell off this thing": the writer leaves.
fn moved_off(clause: &Clause) -> Found {
    const MOVES: &[&str] = &[
        "take", "get", "let", "sign", "pull", "keep", "leave", "kick", "cross", "strike", "drop",
    ];
    let at = clause.words.iter().position(|word| MOVES.contains(&word.as_str()))?;
    let before = known(clause.words.get(..at)?)?;
    let after = known(clause.words.get(at + 1..)?)?;
    let off = after.iter().position(|(_, concept)| *concept == Off)?;
    let (who, whence) = after.split_at_checked(off)?;
    let mine = matches!(
        who,
        [(_, Me)] | [("my" | "this" | "our", _), (_, Number)] | [("my" | "this" | "our", _), (_, Number), (_, Number)]
    );
    (mine && !negated(&before) && !by_me(&before) && !has(whence, &[Why, Not])).then_some("take me off")
}

/// Words with their concepts; nothing when a word is about something else.
fn known(words: &[String]) -> Option<Vec<(&str, Concept)>> {
    words
        .iter()
        .map(|word| concept(word).map(|concept| (word.as_str(), concept)))
        .collect()
}

fn clause_ends_it(clause: &Clause) -> Found {
    let words = known(&clause.words)?;
    (0..words.len()).find_map(|at| {
        let (before, here) = words.split_at_checked(at)?;
        let ((word, first), after) = here.split_first()?;
        match first {
            Cease => cease(word, before, after),
            Remove => remove(before, after),
            Leave => (!negated(before) && !by_me(before)).then_some("unsubscribe"),
            Not => refuse(before, after),
            Want => want_out(before, after),
            Get | Texting | OneText | Bother | Me | Number | More | Consent | Off | Why | Glue => None,
        }
    })
}

fn has(words: &[(&str, Concept)], any: &[Concept]) -> bool {
    words.iter().any(|(_, concept)| any.contains(concept))
}

fn last<'a>(words: &[(&'a str, Concept)]) -> &'a str {
    words.last().map_or("", |(word, _)| word)
}

/// "Don't (want you to)" stands before it.
fn negated(before: &[(&str, Concept)]) -> bool {
    before
        .iter()
        .rposition(|(_, concept)| *concept == Not)
        .is_some_and(|at| {
            before
                .get(at + 1..)
                .is_some_and(|between| !has(between, &[Texting, OneText, Why, More]))
        })
}

/// It reports what the writer, or the texting, does: "I stop", "it stop".
fn by_me(before: &[(&str, Concept)]) -> bool {
    let before = match before {
        [front @ .., ("can" | "could" | "will" | "should" | "may" | "must", _)] if last(front) == "i" => front,
        before => before,
    };
    matches!(
        last(before),
        "i" | "it" | "that" | "is" | "was" | "been" | "have" | "had" | "the" | "a" | "my"
    )
}

/// "Deactivate your text alerts", "no paren de…": something ends, and it is the texting.
fn cease(verb: &str, before: &[(&str, Concept)], after: &[(&str, Concept)]) -> Found {
    // "Stop and text me" asks for a text.
    let joined = after
        .first()
        .is_some_and(|(word, _)| matches!(*word, "and" | "y" | "to" | "para"));
    let texting = after
        .iter()
        .enumerate()
        .find(|(at, (_, concept))| match concept {
            Glue | Get | More | Me => false,
            // "Text alerts" are alerts.
            OneText => !matches!(after.get(at + 1), Some((_, Texting))),
            Cease | Not | Want | Texting | Bother | Remove | Leave | Number | Consent | Off | Why => true,
        })
        .map(|(_, found)| found)
        .is_some_and(|(_, concept)| matches!(concept, Texting | Bother));
    let one_by_one = after.len() == 1 && has(after, &[OneText]) || verb == "mute" && matches!(after, [(_, Me)]);
    (!negated(before) && !by_me(before) && !joined && (texting || one_by_one)).then_some("stop the texts")
}

/// "Rmv me", "remove mi numero": the writer goes.
fn remove(before: &[(&str, Concept)], after: &[(&str, Concept)]) -> Found {
    // "Remove the line" is work; a number or a list is the writer's own, or the one they write to.
    let whose = |word: &str| matches!(word, "my" | "mi" | "this" | "este" | "your" | "su" | "tu" | "our");
    let number = after
        .windows(2)
        .any(|pair| matches!(pair, [(owner, _), (thing, Number)] if whose(owner) && *thing != "line"));
    let me = after
        .first()
        .is_some_and(|(word, concept)| *concept == Me && *word != "mi");
    let knows = has(after, &[Number]) && after.iter().any(|(word, _)| *word == "have");
    (!negated(before) && !by_me(before) && (me && !matches!(last(before), "dont") || number || knows))
        .then_some("remove my number")
}

/// "No textos", "ni un mensaje más", "I never gave you permission to text me".
fn refuse(before: &[(&str, Concept)], after: &[(&str, Concept)]) -> Found {
    if !before
        .iter()
        .all(|(_, concept)| matches!(concept, Glue | Why | Want | Me))
    {
        return None;
    }
    let is = |word: &str| after.iter().any(|(found, _)| *found == word);
    let means = after.iter().any(|(_, concept)| matches!(concept, Texting | OneText));
    let first = after.iter().find(|(_, concept)| *concept != Glue && *concept != Me);
    let alone = before.is_empty();
    let found = match first {
        // "No messages", "no contact", "no more texts"; "no text" may be a report.
        Some((_, More)) => means && !has(after, &[Not]),
        // "No messages from you" may be a report; "no manden al señor" sends somebody.
        Some((word, Texting)) if alone => {
            let things = after
                .iter()
                .filter(|(_, concept)| matches!(concept, Texting | OneText | More))
                .count();
            let sends = ["send", "mand", "envi"].iter().any(|verb| word.starts_with(verb));
            let nothing = is("nada") || is("anything") || is("nothing");
            !is("have") && !is("was") && !is("from") && (!sends || things > 1 || nothing)
        }
        Some((_, OneText)) => alone && has(after, &[More]) || after.len() == 1 && last(before) == "me",
        Some((_, Get)) => means && (has(before, &[Want]) || before.iter().any(|(word, _)| *word == "rather")),
        Some((word, Bother)) if alone => has(after, &[Me]) || word.ends_with("me"),
        Some((_, Want)) => has(after, &[Texting]) && !has(after, &[Not, Cease, Remove, Leave]) && !is("call"),
        Some((_, Consent)) => means,
        Some((_, Texting | Bother | Cease | Not | Remove | Leave | Me | Number | Off | Why | Glue)) | None => false,
    };
    found.then_some("no more texts")
}

/// "I want out", "I want off".
fn want_out(before: &[(&str, Concept)], after: &[(&str, Concept)]) -> Found {
    let plain = !negated(before) && before.iter().all(|(_, concept)| matches!(concept, Glue | Me));
    let off = after.split_first().is_some_and(|((_, first), rest)| {
        *first == Off
            && rest
                .iter()
                .all(|(_, concept)| matches!(concept, Glue | Number | Texting | OneText))
    });
    (plain && off).then_some("take me off")
}

/// "Idk who this is stop": a sentence about the texting, then the word, without a comma.
fn closing_stop(clause: &Clause) -> Found {
    let (word, before) = clause.words.split_last()?;
    if !matches!(word.as_str(), "stop" | "unsubscribe" | "basta" | "optout" | "stopall") || before.is_empty() {
        return None;
    }
    let before = known(before)?;
    let runs_into = matches!(
        last(&before),
        "i" | "it"
            | "you"
            | "that"
            | "this"
            | "these"
            | "them"
            | "the"
            | "a"
            | "an"
            | "my"
            | "your"
            | "to"
            | "do"
            | "dont"
            | "not"
            | "never"
            | "didnt"
            | "would"
            | "no"
            | "or"
            | "and"
            | "of"
            | "by"
            | "for"
            | "in"
            | "on"
            | "with"
            | "at"
            | "asked"
            | "told"
            | "texts"
            | "nolonger"
            | "havent"
            | "from"
            | "un"
            | "el"
            | "para"
            | "off"
            | "out"
            | "every"
            | "any"
            | "is"
            | "was"
    );
    // "Why did it stop", "who said stop": a question needs its own verb before the word closes it.
    let about = before.iter().any(|(_, concept)| !matches!(concept, Glue | Not)) || matches!(last(&before), "y");
    (!runs_into || matches!(last(&before), "is" | "of") && has(&before, &[Why])).then_some(())?;
    (about && !negated(&before)).then_some("stop")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> bool {
        opt_out(&Reading::of(text)).is_some()
    }

    #[test]
    fn a_clause_about_nothing_but_texting_ends_it() {
        for text in [
            "deactivate your alerts",
            "remove mi numero por favor",
            "no mas texts",
            "idk who this is stop",
            "I want off this list",
        ] {
            assert!(found(text), "{text}");
        }
    }

    #[test]
    fn one_word_about_something_else_and_it_is_left_alone() {
        for text in [
            "deactivate the thermostat alerts",
            "remove mi lavabo",
            "no texts from Bob",
            "I want out of the shower",
            "don't stop texting me",
            "stop and text me",
        ] {
            assert!(!found(text), "{text}");
        }
    }
}
