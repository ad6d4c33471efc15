"""Keeps the coding agents' files true to the repo: excerpts, paths, targets, symbols, sizes."""
