//! Shapes of functions, each as people write them.

#![deny(warnings, missing_docs, rust_2018_idioms, clippy::all, clippy::pedantic)]

use std::{
    borrow::Cow, convert::Infallible, error::Error, fmt::Debug, future::Future, io, pin::Pin,
    sync::Arc,
};

use packdog::trace;

fn main() {}

/// Documented, and its result must be used.
#[trace]
#[must_use]
#[inline]
pub fn documented(#[expect(unused_variables)] unused: u8) -> u8 {
    #![allow(clippy::let_and_return)]
    let one = 1;
    one
}

/// Generics, lifetimes and a `where`.
#[trace(tags(len = items.len()))]
pub fn generic<'a, T, const N: usize>(items: &'a [T; N], extra: impl Debug) -> Option<&'a T>
where
    T: Debug,
{
    let _ = format!("{extra:?}");
    items.first()
}

/// Patterns and mutable arguments.
#[trace]
pub fn patterns((first, mut second): (u8, u8), [.., last]: [u8; 2]) -> Result<u8, Infallible> {
    second += first;
    Ok(second + last)
}

/// Never returns.
#[trace]
pub fn never() -> ! {
    std::process::exit(0)
}

/// Never returns, later.
#[trace]
pub async fn never_later() -> ! {
    std::process::exit(0)
}

/// Cannot be called with an error.
#[trace]
pub async fn infallible() -> Infallible {
    std::future::pending().await
}

/// Not written yet.
#[trace]
pub async fn unwritten(bread: &str) -> io::Result<Cow<'_, str>> {
    if bread.is_empty() {
        return Err(io::Error::other("no bread"));
    }
    unimplemented!("{bread}")
}

/// An error of any kind.
#[trace]
pub fn context(text: &str) -> anyhow::Result<u8> {
    let number = text.parse::<u8>()?;
    anyhow::ensure!(number > 0, "nothing");
    Ok(number)
}

/// A closure that borrows from the argument.
#[trace]
pub fn closure<'a>(text: &'a str) -> Result<impl Fn(&str) -> bool + 'a, Box<dyn Error>> {
    Ok(move |other: &str| other == text)
}

/// A value that borrows, later.
#[trace]
pub async fn longest<'a>(left: &'a str, right: &'a str) -> Result<&'a str, Box<dyn Error>> {
    std::future::ready(()).await;
    Ok(if left.len() > right.len() { left } else { right })
}

/// A future that borrows.
#[trace]
pub fn later(text: &str) -> impl Future<Output = Result<usize, anyhow::Error>> + Send {
    async move {
        let number = text.parse::<usize>()?;
        Ok(number)
    }
}

/// A result that borrows.
pub type Parsed<'a> = Result<u8, Box<dyn Error + 'a>>;

/// A boxed future on its own thread, which knows its result only from the signature.
#[trace]
pub fn local<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = Parsed<'a>> + 'a>> {
    Box::pin(async move { Ok(text.parse()?) })
}

/// On one line, where braces are easily too many.
#[rustfmt::skip]
#[trace]
pub fn brief() -> String { "bread".into() }

/// The same, later.
#[rustfmt::skip]
#[trace]
pub async fn brief_later() -> Result<String, Infallible> { Ok(std::future::ready("bread").await.into()) }

/// The type of what is boxed comes from the signature.
#[trace]
pub async fn coerced(number: u8) -> Result<Box<dyn Debug + Send>, Box<dyn Error + Send + Sync>> {
    std::future::ready(()).await;
    match number {
        0 => return Ok(Box::new(number)),
        1 => Err("one")?,
        _ => {}
    }
    Ok(Box::new("many"))
}

macro_rules! made {
    ($name:ident, $output:ty, $body:block) => {
        /// Made by a macro.
        #[trace]
        pub fn $name() -> $output $body
    };
}
made!(made, Option<u8>, { Some(1) });
made!(made_later, impl Future<Output = Option<u8>> + Send, { std::future::ready(Some(1)) });

/// Calls itself.
#[trace]
pub async fn recursive(depth: u8) -> Result<u8, Infallible> {
    if depth == 0 {
        return Ok(0);
    }
    Ok(Box::pin(recursive(depth - 1)).await? + 1)
}

/// Methods.
#[derive(Debug, Default)]
pub struct Pantry<T> {
    jars: Vec<T>,
}

impl<T: Send + Sync + 'static> Pantry<T> {
    /// Returns itself.
    #[trace]
    pub fn new() -> Self {
        Self { jars: Vec::new() }
    }

    /// Borrows from itself.
    #[trace(name = "pantry.jar", tags(at = at, "pantry.jars" = self.jars.len()))]
    pub fn jar(&mut self, at: usize) -> Result<&mut T, String> {
        let len = self.jars.len();
        self.jars.get_mut(at).ok_or_else(|| format!("{at} of {len}"))
    }

    /// A shared receiver.
    #[trace]
    pub async fn shared(self: Arc<Self>, at: usize) -> Option<usize> {
        std::future::ready(()).await;
        self.jars.get(at)?;
        Some(at)
    }
}

/// A trait of boxed futures.
#[async_trait::async_trait]
pub trait Shelf: Send + Sync {
    /// Must be written.
    async fn count(&self, of: &str) -> Result<usize, anyhow::Error>;

    /// Is written.
    #[trace]
    async fn twice(&self, of: &str) -> Result<usize, anyhow::Error> {
        Ok(self.count(of).await? + self.count(of).await?)
    }
}

#[async_trait::async_trait]
impl<T: Send + Sync> Shelf for Pantry<T> {
    #[trace(tags(kind = of))]
    async fn count(&self, of: &str) -> Result<usize, anyhow::Error> {
        std::future::ready(of).await.parse::<usize>()?;
        Ok(self.jars.len())
    }
}

/// All of these can be spawned.
pub fn spawned(pantry: &'static Pantry<u8>) {
    fn spawn(_: impl Future + Send + 'static) {}
    spawn(infallible());
    spawn(unwritten("rye"));
    spawn(later("7"));
    spawn(recursive(7));
    spawn(coerced(7));
    spawn(made_later());
    spawn(pantry.twice("jam"));
    spawn(Arc::new(Pantry::<u8>::new()).shared(0));
}
