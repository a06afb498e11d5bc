"""Structure of a report: what it says of itself, its statutory sections, headings and paragraphs."""
