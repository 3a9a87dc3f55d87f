//! Values of the product: ids, kinds, states, causes. No input or output happens here.
