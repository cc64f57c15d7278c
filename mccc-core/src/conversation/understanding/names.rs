//! First names that callers give without a capital, and words that are no name although they stand where one could.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::super::reading::{Concepts, Folded, Text, Token};
use super::intent::lexicon;

const FIRST_NAMES: &str = "\
    aaron abby abigail adam adrian adriana agnes aisha alan albert alberto alejandra alejandro alex alexander alexis \
    alfredo alice alicia allen allison alma alonzo alvaro alvin alyssa amanda amber amir amy ana andre andrea andrew \
    andy angel angela angelica anh anita ann anna anne annette annie anthony antonio april ariel arlene arnold arthur \
    ashley audrey autumn barbara barry beatriz becky belinda ben benjamin bernard bernice beth bette bettina betty \
    beverly bill billy blake bob bobby bonnie brad bradley brandi brandon brandy brenda brent brett brian brianna \
    brittany brooke bruce bryan caitlin caleb calvin cameron candace carl carla carlos carmen carol caroline carolyn \
    carrie casey cassandra cassie catherine cathy cecilia cedric cesar chad charlene charles charlotte chase cheryl \
    chloe chris christian christina christine christopher chuck cindy claire clara clarence claudia clayton clifford \
    clint cody colleen connie corey cory courtney craig cristina crystal curtis cynthia daisy dale damon dan dana \
    daniel danielle danny darius darlene darrell darryl dave david dawn dean deanna deborah debra dee delores denise \
    dennis derek derrick deshawn destiny devin devon diana diane diego dolores dominic don donald donna doris dorothy \
    doug douglas duane dustin dwayne dylan earl ed eddie edgar edith eduardo edward edwin eileen elaine elena eli \
    elias elijah elizabeth ella ellen elmer elsa emily emma emmanuel enrique eric erica erik erika erin ernest ernesto \
    esmeralda esteban esther ethan eugene eva evan evelyn faith fatima felicia felipe felix fernando florence floyd \
    frances francis francisco frank franklin fred freddie frederick gabriel gabriela gail garrett gary gavin gene \
    geoffrey george gerald geraldine gilbert gina giovanni gladys glen glenda glenn gloria gordon grace graciela greg \
    gregory guadalupe guillermo gustavo hannah harold harriet harry harvey hassan heather hector heidi helen henry \
    herbert herman holly howard hugo ian ibrahim ignacio ines irene iris irma isaac isabel isaiah ivan jack jackie \
    jackson jacob jacqueline jade jaime jake jamal james jamie jan jane janet janice janine jared jasmin jasmine jason \
    javier jay jean jeanette jeanne jeff jeffery jeffrey jen jenna jennifer jenny jeremiah jeremy jerome jerry jesse \
    jessica jessie jesus jill jim jimmy jo joan joanna joanne joaquin joe joel joey johanna john johnny jon jonathan \
    jordan jorge jose josefina joseph josh joshua joyce juan juanita judith judy julia julian juliana julie julio \
    justin kara karen karina karl karla kate katherine kathleen kathryn kathy katie katrina kay kayla keith kelli \
    kelly kelsey ken kendra kenneth kenny kent kerry kevin khalid kim kimberly kirk krista kristen kristin kristina \
    krystal kurt kyle lamar lance larry latasha latoya laura lauren laurie lawrence leah lee leo leon leonard leroy \
    leslie lester leticia lewis liam lila lillian linda lindsay lindsey lisa lloyd logan lois lonnie loretta lori \
    lorraine louis louise lucas lucia lucille lucy luis luke luther luz lydia lynn mabel mackenzie maddie madison \
    malik mandy manny manuel marc marcia marco marcos marcus margaret margarita maria mariana marie marilyn mario \
    marion marisol marjorie mark marlene marsha marshall martha martin marvin mary mateo matt matthew maureen maurice \
    max maxine megan mei melanie melinda melissa melvin mercedes meredith micah michael michele michelle miguel mike \
    mildred mindy miranda miriam misty mitch mitchell mohamed mohammed moises molly mona monica monique morgan \
    muhammad myra nadine nancy naomi natalia natalie natasha nathan nathaniel neil nelson nicholas nick nicole nina \
    noah noel nora norma norman olga olivia omar oscar otis owen pablo pam pamela pat patricia patrick patty paul \
    paula pauline pedro peggy penny perry pete peter phil philip phillip phyllis preston priscilla priya rachel rafael \
    ralph ramon randall randy raquel raul ray raymond rebecca regina reginald rene renee rhonda ricardo richard rick \
    ricky rita rob robert roberta roberto robin rochelle rodney rodolfo rodrigo roger roland roman ron ronald ronnie \
    rosa rosalie rose rosemary ross roxanne roy ruben ruby russ russell ruth ryan sabrina sally salvador sam samantha \
    samuel sandra sandy santiago sara sarah saul scott sean sergio seth shane shannon sharon shaun shawn sheila \
    shelby shelly sherri sherry sheryl shirley sidney silvia simon sofia sonia sonya sophia spencer stacey stacy \
    stan stanley stella stephanie stephen steve steven stuart sue susan suzanne sylvia tamara tamika tammy tanya tara \
    tasha taylor ted teresa terrance terrence terri terry thelma theodore theresa thomas tiffany tim timothy tina todd \
    tom tommy toni tony tracey traci tracy travis trevor tricia trisha troy tyler tyrone valeria valerie vanessa \
    vernon veronica vicki vickie victor victoria vince vincent viola violet virginia vivian wade wallace walt walter \
    wanda warren wayne wendy wesley wilfred willard william willie wilma xavier yasmin yesenia yolanda yvette yvonne \
    zachary zoe keisha lakisha latonya tanisha tyreek kwame abdul ahmed ali imran nadia leila yusuf \
    wei ming li jin hiroshi kenji yuki sanjay raj ravi anil sunil deepak neha pooja anjali vikram minh linh thuy duc huong \
    beatrice bertha clyde delia dexter ernestine estelle ethel eunice fay freda geneva gwen gwendolyn hattie hazel hilda \
    ida inez irving jeannie josefa josie juana kirsten kristine lena leona lenora lionel lorena lorna lucinda luella \
    lupe mable mae mamie marcella marguerite marta matilda maude maxwell mavis minnie muriel myrtle nell nellie \
    nettie nicolas odessa ollie ora otto pearl percy polly prince queen roderick rosalind rosario roscoe rufus sadie \
    selma sherman stacie tabitha teri tessa tomas trudy ursula velma vera verna vilma wilbur winifred winston woodrow wendell \
    alton amos arlo beau bernadette bridget bruno byron carmela carter celeste cliff colin cornelius curt damian \
    darla darren daryl davis deandre deb deena demetrius dewey dianne dina donnie dora dottie doyle drew dwight \
    ebony elisa eloise elvin emil emilio ervin estela eugenia ezra francine gabe gabriella gerard gerry gilda greta \
    gretchen hank hans harley hollis homer horace hubert imelda ingrid isaias isidro jada jarrod jasper jeanine jed \
    jerald jeri jodi jody johnnie jonas joni josiah judd julius justine kaitlyn kathi kennedy kristi lacey lana \
    laverne lenny lesley leta lidia lillie lisette lou lowell luisa lyle mack magda marcelo margie margo maribel \
    marina marisa maritza marla marlon mattie mauricio maura merle mickey milagros milton mira mohan murray nate ned \
    neva nikki noelle nolan octavio odell ofelia orlando orville paloma patti perla pilar quentin quinn ramona \
    reggie renata reuben rex rhoda rocio rogelio rory rosanna roxana rubin rudy rufino salma santos scotty sergei \
    sheldon sherrie sid sierra simone skyler socorro sonja stefan stu sydney tabatha tad tamra tatiana terrell tia \
    tobias tonia tori tracie trent ulysses val vance vaughn vern vicente vicky vito wes weldon xiomara yan zeke";

/// Words that follow "this is" and "I'm" without being a name, or begin what follows one.
const NO_NAMES: &str = "\
    id ive ill im youre youve theyre theyve hes shes thats whats theres listen got had gave left called wanted needed
    a about above actually address after again all almost already also always am an and another any anybody anymore \
    anyone apartment are around as asap asking at available aware away back bad basement be because been before being \
    better between both broken but by calling came can cannot check clogged closed coming confirming crazy currently \
    day days dead definitely different do does doing done down dripping driving either emergency even ever every \
    everyone everything fine fixed fixing flooding for free freezing frequently friday from full getting getting glad \
    go going gone good got great had happening happy has hate have having he hello help her here hey hi his home hoping \
    hot house how i if im important in inside interested into is it its just kind know last late leaking leaving less \
    like literally live living located locked looking lost love mad making maybe me monday more much my near need never \
    new next no nobody not nothing now number of off ok okay old on one only open or order original our out outside \
    over owner past phone please possible pretty probably problem ready really regarding returning ridiculous right \
    running saturday saying she sick since so some somebody someone something somewhere sorry standing still stuck \
    such sunday super sure texting than thank thanks that the their them then there these they thing think this those \
    though thru thursday time to today tomorrow tonight too totally trying tuesday two unacceptable under unhappy \
    until up upset urgent us used very waiting want wanting warm was water we wednesday week weird well went were what \
    when where which who why will with wondering wonderful working worried would wrong yes yesterday yet you your uh \
    um er asking speaking messaging writing over mr mrs ms dr miss terrible awful worst horrible terrible furious \
    disappointed frustrated retired busy real person bot robot scam spam unit ac furnace heater toilet sink roof \
    gas smell leak leak owner manager tenant landlord customer homeowner neighbor business company customer service \
    street avenue road drive lane sad wild insane super unreal nice perfect correct true false afraid certain \
    the your our whatever not la el los las de para un una con que por y mi su es esta buena bueno bien \
    seriously honestly especially basically supposed missing cold raining snowing pouring spraying gushing smoking \
    sparking buzzing beeping humming making blowing noisy loud old slow fast small big huge tiny ok okay here \
    morning mornings afternoon afternoons evening evenings night nights weekday weekdays weekend weekends anytime whenever \
    whichever flexible hola buenas buenos dias dont doesnt matter care works best \
    locked flooded soaked blocked backed overflowing broke busted cracked damaged rotten rusty due scheduled \
    si gracias manana ahora porfa porfavor ayuda necesito puede yep yup yeah yea sure alright \
    expensive cheap high low second third first monthly weekly daily twice once half fire outside near out";

/// Words that agree to something, and are names beside another one.
pub(super) const AGREED: &[&str] = &[
    "claro", "vale", "listo", "dale", "ya", "hoy", "tarde", "perfecto", "bueno", "please", "sounds",
];

static FIRST: LazyLock<HashSet<&str>> = LazyLock::new(|| FIRST_NAMES.split_whitespace().collect());
static NONE: LazyLock<HashSet<&str>> = LazyLock::new(|| NO_NAMES.split_whitespace().collect());

pub(super) fn is_first_name(word: &str) -> bool {
    FIRST.contains(word)
}

pub(super) fn is_no_name(word: &str) -> bool {
    NONE.contains(word)
}

/// Whether an answer to "what name?" can be none: "sí", "sure", "tomorrow".
#[must_use]
pub fn says_no_name(text: &str) -> bool {
    let folded = Folded::of(text);
    let read = Text::of(text, &folded, lexicon());
    // "Kitchen" names a thing of the trades.
    read.tokens.iter().all(|token| {
        is_no_name(token.word)
            || AGREED.contains(&token.word)
            || token.concepts != Concepts::NONE && !is_first_name(token.word)
    })
}

/// Whether an answer to "what name?" is a first name with a family name, whatever that means beside: "Will Price",
/// "Frank Flood", "Sue Park".
#[must_use]
pub fn is_a_full_name(text: &str) -> bool {
    let text = text.trim();
    let words: Vec<&str> = text.split_whitespace().collect();
    let written = |word: &&str| {
        word.starts_with(char::is_uppercase)
            && word
                .chars()
                .all(|letter| letter.is_alphabetic() || matches!(letter, '.' | '-' | '\''))
    };
    let first = words.first().is_some_and(|word| {
        let word = word.to_lowercase();
        is_first_name(&word) || word == "will"
    });
    let shouted = text
        .chars()
        .filter(|letter| letter.is_alphabetic())
        .all(char::is_uppercase);
    first && !shouted && (2..=3).contains(&words.len()) && words.iter().all(written)
}

/// Whether a text is a name and nothing else, although none was asked for: "Omar Haddad", "Beth".
#[must_use]
pub fn is_a_name(text: &str) -> bool {
    let folded = Folded::of(text);
    let read = Text::of(text, &folded, lexicon());
    let words = read.tokens.len();
    let capitals = text.split_whitespace().all(|word| word.starts_with(char::is_uppercase));
    let first = read.tokens.first().is_some_and(|token| is_first_name(token.word));
    let plain = |token: &Token<'_>| token.concepts == Concepts::NONE && !is_no_name(token.word);
    capitals && first && (1..=3).contains(&words) && read.tokens.iter().skip(1).all(plain)
}
