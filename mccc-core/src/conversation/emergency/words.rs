//! The vocabulary: signs of a trouble and what takes them back. Comma separated; a wording of several words has spaces.

use super::Harm;

pub(super) const GAS: &str = "gas, propane, propano";
pub(super) const SMELL: &str = "\
    smell, smells, smelling, smelled, smelt, odor, stinks, hissing, huele, olor, oliendo, leak, leaking, leaks, \
    fuga, escape, fugando, sesale";
pub(super) const SMOKE: &str = "smoke, smoking, humo, humeando, burning, burnt, quemado, quemando";
pub(super) const WIRING: &str = "\
    outlet, outlets, panel, breaker, wire, wires, wiring, socket, switch, box, furnace, heater, unit, smell, \
    smells, walls, wall, enchufe, contacto, cable, cables, caja, apagador, huele, olor, pared";
pub(super) const SPARKS: &str = "\
    sparking, sparks, sparked, arcing, chispas, chispeando, chispazos, chisporroteando";
pub(super) const FIRE: &str = "onfire, incendio, incendiando, llamas, flames";
pub(super) const MONOXIDE: &str = "monoxide, co, co2";
pub(super) const ALARM: &str = "\
    alarm, alarms, detector, sounding, beeping, high, reading, poisoning, leak, alarma, sonando, suena, pitando, \
    fuga, monoxidealarm";
pub(super) const PIPE: &str = "\
    pipe, pipes, line, main, hose, tank, waterheater, valve, tubo, tubos, tuberia, tuberias, caneria, manguera, \
    calentador, boiler, tanque, tinaco, supply";
pub(super) const BURST: &str = "\
    burst, bursted, bursting, busted, exploded, ruptured, blew, broke, split, froze, reventada, reventado, \
    revento, reventaron, rompio, roto, rota, rompieron, exploto, trono";
pub(super) const WATER: &str = "water, agua";
pub(super) const RUNNING: &str = "\
    everywhere, gushing, pouring, spraying, rising, shooting, rushing, keeps, ceiling, walls, floor, floors, \
    brotando, techo, chorros, partes, lados, sesale, metiendo, ankle, inches, coming, streaming, squirting, \
    subiendo, cayendo, piso, saliendo, backing, taking, lleno, llena, full, sale, salen, basement, sotano, \
    attic, higher";
pub(super) const FLOOD: &str = "\
    flood, flooding, flooded, floods, gushing, inundacion, inundando, inundado, inundada, inundo, inunda, \
    inundaron";
/// A drip from one of these is unpleasant and can wait.
pub(super) const FIXTURES: &str = "\
    faucet, faucets, tap, showerhead, spigot, sprinkler, bib, llave, grifo, regadera, gutter, gutters";
pub(super) const DRIP: &str = "dripping, goteando, gotea, tirando";
pub(super) const DRIP_FROM: &str = "\
    ceiling, techo, light, roof, through, waterheater, pipe, tubo, agua, water, calentador";
pub(super) const SEWAGE: &str = "\
    sewage, sewer, septic, toilet, toilets, drain, drains, aguasnegras, drenaje, fosa, inodoro, excusado, bano";
pub(super) const BACKING: &str = "\
    backing, backup, backed, overflowing, overflowed, overflow, overflows, desbordando, desborda, desbordo, \
    regresando, regresan, regresa, saliendo, rebalsando, derramando, botando, rising, bubbling, sesale";
pub(super) const HEAT: &str = "\
    heat, heats, heating, furnace, heater, boiler, radiators, calefaccion, calefactor";
pub(super) const COOLING: &str = "ac, aire, cooling";
pub(super) const BROKEN: &str = "\
    broken, broke, out, died, dead, quit, nolonger, down, descompuesto, descompuesta, roto, murio";
pub(super) const COLLAPSE: &str = "\
    collapsed, collapsing, caved, caving, collapse, derrumbo, cayo, cayendo, colapso, fell, fallen, crashed";
pub(super) const OVERHEAD: &str = "ceiling, roof, techo";
/// Words that are safe to respell: none of their near neighbours is a word that callers use for something else.
pub(super) const RESPELLED: &str = "\
    emergency, emergencia, flooding, flooded, leaking, sparking, sewage, monoxide, burning, ceiling, basement, \
    furnace, overflowing, gushing, bursting, everywhere, calefaccion, inundacion, inundando, inundada, tuberia, \
    reventada, chispas, dripping, working, smelling, spraying";
pub(super) const NEGATIONS: &str = "\
    no, not, isnt, arent, wasnt, dont, doesnt, didnt, never, nolonger, ni, nunca, tampoco, non, zero";
/// After one of these a negation is about something else: "no, it is leaking", "not sure".
pub(super) const NOT_NEGATED: &str = "\
    its, it, im, i, we, the, my, idea, sure, se, joke, kidding, only, just, solo, know, clue, one, place, home";
/// A negation does not reach across these.
pub(super) const CONNECTIVES: &str = "and, y, because, porque, so, with, con, que, pq, cuz";
/// Said anywhere, these take everything back.
pub(super) const OVER: &str = "\
    false alarm, falsa alarma, never mind, nevermind, nvm, all good now, all fixed, problem solved, disregard, \
    just kidding, took care of it, taken care of, figured it out, ya lo arregle, ya lo arreglamos, ya se \
    arreglo, ya lo arreglaron, ya quedo, its fixed, is fixed now, ya esta arreglado, ya esta arreglada, ya no es \
    necesario, wrong number, numero equivocado, it was nothing, no fue nada, no era nada";
/// Said anywhere, these say that it can wait; not believed of what can kill.
pub(super) const CAN_WAIT: &str = "\
    not an emergency, not a emergency, not emergency, not really an emergency, isnt an emergency, no emergency, \
    nothing urgent, not urgent, isnt urgent, not super urgent, not that urgent, no rush, no hurry, not in a \
    rush, not in a hurry, whenever you, when you get a chance, when you have time, when you have a chance, when \
    you get time, at your convenience, next week, next month, not a big deal, no big deal, no es emergencia, no \
    es una emergencia, no es urgente, nada urgente, no hay prisa, sin prisa, no me urge, no urge, no corre \
    prisa, cuando pueda, cuando puedan, cuando puedas, cuando tenga tiempo, proxima semana, semana que viene, \
    proximo mes";
/// A clause with one of these asks for a price.
pub(super) const PRICE: &str = "\
    how much, price, prices, pricing, cost, costs, quote, quotes, estimate, estimates, charge, charges, rates, \
    rate, fee, fees, cuanto, cuesta, cobran, cobra, cobras, presupuesto, cotizacion, precio, precios, costo, \
    insurance claim, warranty, invoice, factura, bill, receipt";
/// A clause with one of these is about what could be, or about a service.
pub(super) const GENERAL: &str = "\
    do you, do yall, do u, do ya, do they, does your, are you licensed, if, in case, what happens, prevent, \
    preventing, avoid, insurance, install, installing, installed, installation, inspection, inspect, inspected, \
    remodel, detection, class, training, article, hiring, job opening, worried about, afraid of, checking for, \
    check for, checked for, test for, tested for, looking for, could cause, maybe someday, hacen, arreglan, \
    reparan, atienden, ofrecen, dan servicio, trabajan con, instalar, instalan, instalacion, inspeccion, en \
    caso, prevenir, evitar, detectan, revisan, se especializan, specialize, you guys do, yall do, you handle, \
    you fix, you repair, you service, season, temporada, before it, before they, so it doesnt, antes de que";
/// What makes a conditional polite and nothing else: "if you can come".
pub(super) const POLITE: &str = "\
    if you, if someone, if anyone, if somebody, if u, if yall, if your, if theres anyone, if a plumber, if he \
    can, if they can, si puede, si pueden, si puedes, si alguien, si me pueden, si me puede, not sure if, dont \
    know if, idk if, cant tell if, no se si";
/// Words of a clause that is about now whatever else it says.
pub(super) const AT_ONCE: &str = "\
    now, asap, immediately, everywhere, ahora, ahorita, ya mismo, help, ayuda, auxilio, urgente, urge";
/// A sentence with one of these tells of the past.
pub(super) const PAST: &str = "\
    last week, last month, last year, last summer, last winter, last spring, last fall, last time, weeks ago, \
    week ago, months ago, month ago, years ago, year ago, days ago, a while ago, a while back, previously, used \
    to, back in, you fixed, you repaired, you guys fixed, you guys repaired, you guys came, was fixed, got \
    fixed, already fixed, been fixed, he fixed, they fixed, guy fixed, tech fixed, got repaired, was repaired, \
    were repaired, fixed the, fixed it, fixed my, fixing the, fixing my, fixing our, for fixing, for coming, for \
    the quick, semana pasada, mes pasado, ano pasado, verano pasado, invierno pasado, vez pasada, tuve, tuvimos, \
    hubo, tenia, teniamos, habia, arreglaron, arreglaste, repararon, reparaste, hace un mes, hace dos, hace \
    tres, hace unos meses, hace anos, hace un ano, hace unas semanas, hace una semana, gracias por, thanks for, \
    thank you for";
/// Before a sign in its clause these tell of the past too.
pub(super) const WAS: &str = "had, was, were, did, estaba, era, fue";
/// A clause with one of these tells of now although it names the past.
pub(super) const STILL: &str = "\
    still, again, now, since, currently, keeps, started, today, tonight, morning, woke, came home, got home, \
    come home, asap, just had, just burst, just broke, just started, is back, came back, minutes ago, hour ago, \
    hours ago, min ago, sigue, siguen, desde, ahora, ahorita, otra vez, de nuevo, nuevamente, todavia, hoy, \
    acaba, acabo, acaban, had to, back again";
/// Directly before the last word of a sign these make it happen now.
pub(super) const ONGOING: &str = "is, its, are, esta, estan, keeps, im, were getting, se, i, we";
pub(super) const SMALL: &str = "\
    small, tiny, minor, slow, slight, little, slightly, pequena, pequeno, pequenita, chica, chiquita, leve, \
    poquito, occasional, old, previous";
/// "Find a leak", "leak repair": a service, unless the clause says where it is or that it is now.
pub(super) const SERVICE_BEFORE: &str = "\
    fix, repair, find, detect, fixing, repairing, finding, any, arreglar, reparar, stop";
/// Words that make another thing of the word before them.
pub(super) const COMPOUND: &str = "\
    repair, repairs, detector, detection, test, testing, issues, pump, light, lights, insurance, zone, damage, \
    restoration, proof, proofing, sensor, sensors, protection, plug, plugs, guard, guards, stove, grill, \
    station, bill, inspection, warranty";
/// "Emergency contact": no emergency. "Emergency plumber": one, where somebody needs him.
pub(super) const EMERGENCY_OF: &str = "\
    contact, contacts, number, numbers, kit, fund, exit, line, lights, light, lighting, shutoff, generator, \
    brake, plan, drill, rates, rate, fee";
pub(super) const EMERGENCY_SERVICE: &str = "\
    service, services, plumber, plumbing, electrician, technician, tech, repair, repairs, call, calls, visit, \
    response, work, hvac, appointment, hours, department, room";
pub(super) const EMERGENCY_AFTER: &str = "\
    servicio, servicios, numero, numeros, contacto, luz, luces, plomero, electricista, telefono, linea, salida, \
    horario";
pub(super) const NEED: &str = "need, needed, needs, necesito, necesitamos, send, urge, manden, want";
/// Places and owners that make a mention a situation.
pub(super) const SITUATION: &str = "\
    my, our, in, under, from, bad, huge, big, major, massive, serious, mi, nuestra, nuestro, en, grande, fuerte";
/// What besides water can flood something.
pub(super) const FIGURES: &str = "\
    with calls, with emails, with texts, with messages, with requests, my inbox, with work, with orders, the \
    market, de llamadas, de mensajes, de trabajo";
/// What makes no cooling an emergency.
pub(super) const HEAT_WORDS: &str = "\
    degrees, sweltering, boiling, roasting, unbearable, baby, infant, newborn, elderly, heatstroke, grados, \
    calor, bebe, ancianos, hot, dying, heatwave, asthma, oxygen, viejita, abuela";

/// The signs of a trouble: one word of each group, at most [`SPAN`] words apart, in any order.
pub(super) const SIGNS: &[(Harm, &[&str])] = &[
    (Harm::Danger, &[GAS, SMELL]),
    (Harm::Danger, &["rotteneggs, huevopodrido"]),
    (Harm::Danger, &[MONOXIDE, ALARM]),
    (
        Harm::Danger,
        &[
            "monoxidealarm",
            "sounding, beeping, sonando, suena, wont, keeps, ringing",
        ],
    ),
    (Harm::Danger, &[SPARKS]),
    (Harm::Danger, &[SMOKE, WIRING]),
    (Harm::Danger, &[FIRE]),
    (Harm::Damage, &[PIPE, BURST]),
    (Harm::Damage, &[WATER, RUNNING]),
    (Harm::Damage, &[FLOOD]),
    (Harm::Damage, &[SEWAGE, BACKING]),
    (
        Harm::Damage,
        &["sewage, aguasnegras", "in, en, basement, tub, yard, floor, everywhere"],
    ),
    (Harm::Damage, &[OVERHEAD, COLLAPSE]),
    (
        Harm::Leak,
        &["leak, leaking, leaks, leaked, fuga, fugas, gotera, goteras, filtracion, filtrando, chorreando"],
    ),
    (Harm::Leak, &[DRIP, DRIP_FROM]),
    (Harm::Damage, &["noheat"]),
    (Harm::Damage, &[HEAT, BROKEN]),
    (Harm::Cooling, &["noac"]),
    (Harm::Cooling, &[COOLING, BROKEN]),
    (Harm::Word, &["emergency, emergencia"]),
];

/// Wordings that become one word before signs are looked for, in this order.
pub(super) const JOINED: &[(&str, &str)] = &[
    ("now", "right now, ahora mismo, ahorita mismo"),
    ("monoxide", "carbon monoxide, monoxido de carbono, monoxido"),
    (
        "monoxidealarm",
        "\
    monoxide alarm, monoxide detector, co alarm, co detector, alarma de monoxide, detector de monoxide",
    ),
    ("waterheater", "hot water heater, water heater, calentador de agua"),
    (
        "ac",
        "air conditioner, air conditioning, aire acondicionado, a c, air con",
    ),
    ("rotteneggs", "rotten eggs, rotten egg, rotton eggs"),
    ("huevopodrido", "huevo podrido, huevos podridos"),
    (
        "onfire",
        "\
    on fire, caught fire, electrical fire, catching fire, prendio fuego, en llamas",
    ),
    ("aguasnegras", "aguas negras, aguas residuales, aguas sucias"),
    (
        "backing",
        "coming up, comes up, coming back up, coming out, se regresa, se regreso, sube por",
    ),
    ("sounding", "going off, went off, goes off, keeps going off"),
    ("sesale", "se sale, se esta saliendo, sale agua, se mete"),
    (
        "keeps",
        "\
    wont stop, will not stop, doesnt stop, cant stop, cannot stop, not stopping, cant shut off, cant turn off, \
    cant get it to stop, wont shut off, wont turn off, no para, no deja, no se detiene, no puedo parar, no puedo \
    cerrar, no cierra",
    ),
    (
        "broken",
        "\
    is off, not working, isnt working, arent working, stopped working, quit working, wont work, wont turn on, will not \
    turn on, wont start, wont come on, not coming on, wont kick on, wont light, wont ignite, not turning on, not \
    heating, isnt heating, not cooling, isnt cooling, stopped heating, stopped cooling, doesnt work, does not \
    work, not blowing, went out, gone out, broke down, conked out, no funciona, no sirve, no prende, no \
    enciende, no esta funcionando, no esta prendiendo, no calienta, no enfria, dejo de funcionar, dejo de \
    calentar, dejo de enfriar, se descompuso, se apago, se murio, se fue, se me fue, se nos fue",
    ),
    (
        "no",
        "\
    dont have any, dont have, do not have any, do not have, doesnt have, does not have, havent had any, havent \
    had, have had no, without any, without, with no, have no, got no, theres no, there is no, no hay, no tengo, \
    no tenemos, no tiene, no tienen, estoy sin, estamos sin, sin, lost our, lost my, lost all, lost the",
    ),
    (
        "noheat",
        "\
    no heat, no heating, no furnace, no heater, no working heat, no central heat, no calefaccion, lost heat",
    ),
    ("noac", "no ac, no aire, no cooling, no working ac, no cold air"),
    ("removed", "taken out, hauled out, ripped out, pulled out"),
    ("nolonger", "no longer, stopped, quit, dejo de, ya no"),
];

/// Words that look like a slip of one of these and are none.
pub(super) const LOOK_ALIKE: &str = "emergencies, emergencias, emergent, everyone, everything, tuberias";
/// Shorter words and common slips, which no rule can guess.
pub(super) const SPELLINGS: &[(&str, &str)] = &[
    ("flodding", "flooding"),
    ("leek", "leak"),
    ("laek", "leak"),
    ("leeking", "leaking"),
    ("leaky", "leaking"),
    ("brust", "burst"),
    ("burts", "burst"),
    ("smel", "smell"),
    ("smeel", "smell"),
    ("watter", "water"),
    ("wter", "water"),
    ("pip", "pipe"),
    ("hetaer", "heater"),
    ("guele", "huele"),
    ("uele", "huele"),
    ("juga", "fuga"),
    ("inundasion", "inundacion"),
    ("emerjencia", "emergencia"),
    ("calefacion", "calefaccion"),
    ("calefasion", "calefaccion"),
    ("sewege", "sewage"),
    ("dosent", "doesnt"),
    ("doesn", "doesnt"),
    ("isn", "isnt"),
];

/// The wordings of a list.
pub(super) fn each(list: &str) -> impl Iterator<Item = &str> {
    list.split(", ")
}

/// Whether a list has this word.
pub(super) fn has(list: &str, word: &str) -> bool {
    !word.is_empty() && list.split(", ").any(|one| one == word)
}
