//! Methods, and async functions of traits.

use super::*;

#[derive(Default)]
struct Pantry {
    jars: Vec<String>,
}

impl Pantry {
    #[trace(crate = crate, tags(jars = self.jars.len()))]
    fn first(&self) -> Option<&str> {
        Some(self.jars.first()?)
    }

    #[trace(crate = crate)]
    fn jar(&mut self, at: usize) -> Result<&mut String, NoBread> {
        if at >= self.jars.len() {
            self.jars.push(String::new());
        }
        self.jars.get_mut(at).ok_or(NoBread)
    }

    #[trace(crate = crate)]
    async fn fill(&mut self, mut text: String) -> Result<&mut Self, NoBread> {
        pause().await;
        text.push('!');
        self.jars.push(text);
        Ok(self)
    }

    #[trace(crate = crate)]
    fn into_jars(self) -> Result<Vec<String>, NoBread> {
        Ok(self.jars)
    }
}

trait Shelf {
    async fn count(&self) -> Result<usize, NoBread>;

    #[trace(crate = crate)]
    async fn twice(&self) -> Result<usize, NoBread> {
        Ok(self.count().await? + self.count().await?)
    }
}

impl Shelf for Pantry {
    #[trace(crate = crate)]
    async fn count(&self) -> Result<usize, NoBread> {
        pause().await;
        if self.jars.is_empty() { Err(NoBread) } else { Ok(self.jars.len()) }
    }
}

#[test]
fn receivers_of_all_kinds_can_be_borrowed_from() {
    let mut pantry = Pantry::default();
    let seen = seen(|_| {
        pantry.jar(0).unwrap().push_str("jam");
        run(pantry.fill("honey".to_owned())).unwrap();
        assert_eq!(pantry.first(), Some("jam"));
        assert_eq!(pantry.into_jars().unwrap(), ["jam", "honey!"]);
    });
    assert_eq!(names(&seen), ["jar", "fill", "first", "into_jars"]);
    assert_eq!(errors(&seen), [false; 4]);
}

#[test]
fn async_functions_of_traits_are_traced_in_impls_and_as_defaults() {
    let seen = seen(|_| run(Pantry::default().twice()).is_err());
    assert_eq!(names(&seen), ["twice", "count"]);
    assert_eq!(errors(&seen), [true, true]);
}
