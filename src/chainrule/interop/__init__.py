"""Other frameworks: what their names are here."""
