//! What a worker keeps from block to block: codec contexts and buffers.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;

use crate::error::{Error, Result};

/// Contexts and buffers of one worker, reused from block to block.
///
/// A worker thread owns one and hands it to every call; it grows to what the largest block needs.
#[derive(Default)]
pub struct Scratch {
    slots: HashMap<TypeId, Box<dyn Any + Send>>,
}

impl Scratch {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// The context of type `T`, made on first use. A codec keeps its state in a type of its own.
    pub fn slot<T: Default + Send + 'static>(&mut self) -> &mut T {
        let slot = self.slots.entry(TypeId::of::<T>()).or_insert_with(|| Box::<T>::default());
        match slot.downcast_mut::<T>() {
            Some(context) => context,
            None => unreachable!("a slot holds the type it is filed under"),
        }
    }

    /// Takes the buffer filed under the marker type `M`, at least `len` bytes long, its content left over from before.
    /// Hand it back with [`put_buffer`](Self::put_buffer).
    pub(crate) fn take_buffer<M: Send + 'static>(&mut self, codec: &'static str, len: usize) -> Result<Vec<u8>> {
        let mut buffer = std::mem::take(&mut self.slot::<Buffer<M>>().0);
        if buffer.len() < len {
            let more = len - buffer.len();
            buffer.try_reserve_exact(more).map_err(|_| Error::OutOfMemory { codec, bytes: len })?;
            buffer.resize(len, 0);
        }
        Ok(buffer)
    }

    /// Gives a buffer back for the next block.
    pub(crate) fn put_buffer<M: Send + 'static>(&mut self, buffer: Vec<u8>) {
        self.slot::<Buffer<M>>().0 = buffer;
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scratch").field("contexts", &self.slots.len()).finish()
    }
}

struct Buffer<M>(Vec<u8>, std::marker::PhantomData<M>);

impl<M> Default for Buffer<M> {
    fn default() -> Self {
        Self(Vec::new(), std::marker::PhantomData)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct A;
    struct B;

    #[test]
    fn a_buffer_keeps_its_memory_between_blocks() {
        let mut scratch = Scratch::new();
        let buffer = scratch.take_buffer::<A>("test", 1000).unwrap();
        let address = buffer.as_ptr();
        scratch.put_buffer::<A>(buffer);
        let again = scratch.take_buffer::<A>("test", 500).unwrap();
        assert_eq!((again.as_ptr(), again.len()), (address, 1000));
        assert_eq!(scratch.take_buffer::<B>("test", 5).unwrap().len(), 5);
    }

    #[test]
    fn memory_that_nobody_has_is_an_error() {
        let error = Scratch::new().take_buffer::<A>("test", isize::MAX as usize).unwrap_err();
        assert!(error.to_string().contains("no memory"), "{error}");
    }
}
