"""Lists of pages by what people ask of them."""
