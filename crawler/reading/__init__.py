"""From the bytes of a document to its title, text, links, directives and fields. Pure, without a clock."""
