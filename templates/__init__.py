"""Every word a person reads, and the one way to render it in a language."""
