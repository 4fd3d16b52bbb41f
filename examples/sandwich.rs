//! Custom instrumentation, row by row of Datadog's page "Python Custom Instrumentation using the
//! Datadog API", and features that Rust adds to it.
//!
//! ```text
//! attribute · blocks · by hand · builder · current span · tags · tags on every span · errors ·
//! ancestors · baggage · headers · tasks · a library · the `tracing` crate and logs · delivery
//! ```
//! Each part is a function, and most leave a trace of their own. Spans go to the Datadog Agent
//! that the environment names, if one listens there; otherwise to an embedded one, which draws
//! the traces at the end.

#![expect(clippy::print_stdout, reason = "an example prints its results")]

mod agent;

use std::{
    fmt,
    panic::{catch_unwind, resume_unwind},
    str::FromStr,
    time::{Duration, SystemTime},
};

use http::HeaderMap;
use packdog::{
    Baggage, Guard, InSpanExt, Span, TraceErr,
    correlation::LogCorrelation,
    propagation::{extract, inject},
    span::{BaggageItem, Parent, SpanContext, SpanKind},
    task,
    tracing::CorrelatedJson,
};
use packdog_dev_agent::DevAgent;
use tracing_subscriber::{fmt as logs, prelude::*};

use self::agent::{Failure, PATIENCE, config_for, embedded_agent};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let embedded = embedded_agent().await?;
    part("a library before there is a tracer: it works, and records nothing");
    println!("  slices of bread: {:?}", pantry::take("bread"));

    let config = config_for(embedded.as_ref()).with_service("sandwich-shop").with_env("dev");

    let packdog = config.init()?;
    log_with_ids();
    traced_functions();
    blocks().await;
    by_hand();
    builder();
    current_span_and_root();
    tags();
    errors();
    ancestors();
    baggage();
    headers();
    tasks().await?;
    a_library();
    spans_of_the_tracing_crate();
    tags_on_every_span();
    delivery(&packdog, embedded.as_ref()).await;
    Ok(())
}

// `@tracer.wrap()` ----------------------------------------------------------------------------

/// The span has the name of the function; an `Err` marks it.
#[packdog::trace(service = "my-sandwich-making-svc", resource = "resource_name")]
fn get_ingredients() -> Result<Vec<&'static str>, pantry::OutOfStock> {
    pantry::take("ham")?;
    pantry::take("pineapple")?;
    Ok(vec!["ham", "pineapple"])
}

/// Arguments are recorded only if they are named.
#[packdog::trace(name = "assemble_sandwich", tags(items = ingredients.len()))]
fn assemble(ingredients: &[&str]) -> String {
    ingredients.join(" on ")
}

fn traced_functions() {
    part("#[packdog::trace] on functions");
    println!("  ingredients: {:?}", get_ingredients());
    println!("  assembled: {}", assemble(&["ham", "bread"]));
}

// `with tracer.trace("x") as span` ------------------------------------------------------------

async fn blocks() {
    part("blocks in a span: a closure, a guard, asynchronous code");
    packdog::span("sandwich.make").resource("closure").in_scope(|span| {
        span.set_tag("num_ingredients", 2);
        let _guard = packdog::span("butter.spread").resource("guard").enter();
        println!("  spreading butter until the guard is dropped");
    });
    packdog::span("sandwich.make")
        .resource("async")
        .in_async_scope(async |_| {
            toast().await;
            toast().in_span(packdog::span("second.side")).await;
            println!("  toasted on both sides");
        })
        .await;
}

#[packdog::trace]
async fn toast() {
    tokio::task::yield_now().await;
}

// `span = tracer.trace("x")`, `span.finish()` -------------------------------------------------

fn by_hand() {
    part("spans by hand, also for times in the past");
    let span = packdog::span("sandwich.create").start();
    span.finish();
    span.finish(); // The second time does nothing.

    let noon = SystemTime::now() - Duration::from_secs(60);
    let lunch = packdog::span("lunch.eat").start_at(noon).start();
    lunch.finish_at(noon + Duration::from_secs(30));
    println!("  lunch was a minute ago, and took 30 s");
}

// `tracer.start_span(name, child_of=.., activate=False)` --------------------------------------

fn builder() {
    part("a span with everything, below a parent that is not current");
    let order = packdog::span("order.handle").child_of(Parent::Nothing).start();
    let payment = packdog::span("order.pay")
        .child_of(&order) // A span, or a `SpanContext`.
        .service("cashier")
        .resource("POST /payments")
        .span_type("http")
        .kind(SpanKind::Client)
        .tag("amount", 7.5)
        .start();
    println!("  not active unless entered: {:?}", packdog::current_span().span_id());
    payment.in_scope(|| println!("  active: {:?}", packdog::current_span().span_id()));
}

// `tracer.current_span()`, `tracer.current_root_span()` ---------------------------------------

fn current_span_and_root() {
    part("the current span and the root, from anywhere");
    packdog::current_span().set_tag("lost", "no span is current here, which does no harm");
    packdog::span("kitchen.work").in_scope(|_| packdog::span("bread.slice").in_scope(|_| slice()));
}

fn slice() {
    let (span, root) = (packdog::current_span(), packdog::current_root_span());
    span.set_tag("slices", 12);
    root.set_tag("customer", "regular");
    println!("  tagged {:?} and its root {:?}", span.span_id(), root.span_id());
}

// `span.set_tag`, `set_tags`, `get_tag`, `remove_tag`; `tracer.set_tags` ----------------------

fn tags() {
    part("tags: texts, numbers and booleans, at any time");
    packdog::span("sandwich.tag").in_scope(|span| {
        span.set_tag("bread", "rye");
        span.set_tags([("weight", 250.5), ("slices", 2.0)]); // Numbers are metrics.
        span.set_tag("toasted", true);
        if let (Some(bread), Some(weight)) = (span.tag("bread"), span.tag("weight")) {
            println!("  read back: {:?} and {:?}", bread.as_str(), weight.as_f64());
        }
        span.remove_tag("slices");
        span.set_tag("resource.name", "tags"); // Reserved names change fields of the span.
    });
}

fn tags_on_every_span() {
    part("tags on every span from now on");
    packdog::set_tags([("shop.version", env!("CARGO_PKG_VERSION"))]);
    packdog::span("shop.close").in_scope(|span| {
        println!("  shop.version: {}", span.tag("shop.version").is_some());
    });
}

// Exceptions, `span.error = 1`, `set_exc_info` ------------------------------------------------

fn errors() {
    part("errors: results, by hand, on the root, and a panic");
    let slices = packdog::span("order.parse").try_in_scope(|_| "many".parse::<u8>());
    println!("  an `Err` marks its block: {slices:?}");
    packdog::span("order.read").in_scope(|_| println!("  `?` marks too: {:?}", read_order()));
    packdog::span("kitchen.check").in_scope(|span| {
        let smoke = std::io::Error::other("there is smoke");
        span.child("oven.look").in_scope(|_| packdog::current_root_span().set_error(&smoke));
        span.child("oven.clean").in_scope(|span| span.set_is_error(true)); // The mark alone.
        span.child("oven.open").in_scope(|span| span.set_error_parts("Hot", "too hot", None));
    });
    let unwound = catch_unwind(|| packdog::span("oven.preheat").in_scope(|_| heat()));
    println!("  a panic marks the spans that it unwinds through: {}", unwound.is_err());
}

fn read_order() -> Result<u8, std::num::ParseIntError> {
    let slices = "a few".parse::<u8>().trace_err()?; // Marks the current span.
    Ok(slices)
}

fn heat() {
    resume_unwind(Box::new("the oven is on fire")); // A panic that does not print itself.
}

// `span.finish_with_ancestors()` --------------------------------------------------------------

fn ancestors() {
    part("a span that finishes with all that is above it");
    let party = packdog::span("party").start();
    let dance = party.child("dance").start();
    dance.child("alarm.ring").start().finish_with_ancestors();
    party.set_tag("late", true); // Finished already: counted, and not recorded.
    println!("  changes after finish: {}", packdog::limits::Misuse::ChangeAfterFinish.count());
}

// `span.context.set_baggage_item` and so on ---------------------------------------------------

/// A typed baggage item: reading it returns a value, or the error of its parser.
struct Table(u8);

impl BaggageItem for Table {
    const KEY: &'static str = "table";
}

impl FromStr for Table {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn baggage() {
    part("baggage: goes along with the span, to every service downstream");
    packdog::span("guest.serve").in_scope(|span| {
        let baggage = span.baggage();
        baggage.set("plan", "pro");
        baggage.set_value(&Table(7));
        println!("  plan: {:?}, all: {:?}", baggage.get("plan"), baggage.items());
        if let Some(Ok(Table(table))) = baggage.value() {
            println!("  typed: table {table}");
        }
        baggage.remove("plan");
        baggage.clear();
        println!("  at the end: {:?}", baggage.items());
    });
    let context = SpanContext::new().with_baggage(Baggage::from_iter([("plan", "pro")]));
    Span::passing(context).in_scope(|| {
        let plan = packdog::current_span().baggage().get("plan");
        println!("  without a trace: {plan:?}");
    });
    packdog::current_span().baggage().set("plan", "lost");
    println!("  without a span: {} lost", packdog::limits::Misuse::BaggageWithoutSpan.count());
}

// `HTTPPropagator.inject`, `HTTPPropagator.extract` -------------------------------------------

fn headers() {
    part("headers of HTTP, and of messages");
    let mut request = HeaderMap::new();
    let mut message = Vec::<(String, String)>::new();
    packdog::span("waiter.call").kind(SpanKind::Producer).in_scope(|span| {
        span.baggage().set("table", "7");
        inject(&mut request);
        inject(&mut message);
    });
    println!("  request: {:?}", request.keys().map(http::HeaderName::as_str).collect::<Vec<_>>());
    packdog::span("kitchen.serve").child_of(extract(&request)).in_scope(|_| ());
    let taken = packdog::span("queue.process").kind(SpanKind::Consumer).child_of(extract(&message));
    taken.in_scope(|span| println!("  the message is for table {:?}", span.baggage().get("table")));
}

// What Rust adds ------------------------------------------------------------------------------

async fn tasks() -> Result<(), Failure> {
    part("tasks that carry the span, and one that begins a trace of its own");
    let [butter, cleaning] = packdog::span("kitchen.open").in_scope(|_| {
        [
            task::spawn(async { packdog::span("butter.soften").in_scope(|_| ()) }),
            task::spawn_linked(packdog::span("kitchen.clean"), tokio::task::yield_now()),
        ]
    });
    butter.await?;
    cleaning.await?;
    println!("  both are done");
    Ok(())
}

/// `ddtrace-api`: this module uses only `packdog-api`, as a library would.
mod pantry {
    use std::{error::Error, fmt};

    #[derive(Debug)]
    pub(crate) struct OutOfStock;

    impl fmt::Display for OutOfStock {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("out of stock")
        }
    }

    impl Error for OutOfStock {}

    /// Takes an item from the pantry.
    #[packdog_api::trace(name = "pantry.take", resource = item)]
    pub(crate) fn take(item: &'static str) -> Result<usize, OutOfStock> {
        let stock = [("bread", 12), ("ham", 3)];
        let (_, count) = stock.into_iter().find(|(name, _)| *name == item).ok_or(OutOfStock)?;
        packdog_api::current_span().set_tag("count", count);
        Ok(count)
    }
}

fn a_library() {
    part("the same library, now that there is a tracer");
    println!("  slices of bread: {:?}", pantry::take("bread"));
}

/// `ddtrace-run` and log correlation: spans of other libraries, and logs with the ids of the span.
fn log_with_ids() {
    let ids = LogCorrelation::current();
    let logs = logs::layer().json().without_time().with_span_list(false).with_current_span(false);
    let logs = logs.map_event_format(|json| CorrelatedJson::new(json, ids));
    tracing_subscriber::registry().with(packdog::tracing::layer()).with(logs).init();
}

#[tracing::instrument]
fn grill(minutes: u32) {
    tracing::info!("grilling");
    packdog::span("cheese.melt").in_scope(|_| tracing::error!("it drips"));
}

fn spans_of_the_tracing_crate() {
    part("code that knows only the `tracing` crate, and its logs");
    packdog::span("sandwich.grill").in_scope(|_| grill(5));
}

// `tracer.flush()`, `tracer.shutdown(timeout)` ------------------------------------------------

async fn delivery(packdog: &Guard, embedded: Option<&DevAgent>) {
    part("flush and shutdown, with a deadline and a report");
    println!("  flushed: {:?}", packdog.flush_async(PATIENCE).await);
    println!("  shut down: {:?}", packdog.shutdown_async(PATIENCE).await);
    let Some(agent) = embedded else {
        return println!("  the traces are at the Agent that the environment names");
    };
    for trace in agent.traces() {
        println!("\n{}", trace.picture());
    }
}

fn part(title: &str) {
    println!("\n{title}");
}
