"""The web page (NiceGUI): pages and widgets over the house; nothing is computed in here."""
