"""Documents: letters, declarations and the manual, drawn by Typst from rows that the caller gathered."""
