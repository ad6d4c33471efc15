"""The ten rules, checked on the code, the live database and the running application."""
