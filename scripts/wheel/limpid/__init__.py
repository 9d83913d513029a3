"""Limpid for Jupyter: the kernel and the widgets of a TypeScript package, with what starts it.

Kernel and widgets lie below ``share/jupyter``; the TypeScript package itself is carried as npm's archive and installed,
with the packages it needs, into the user's cache when it is first started, or by ``limpid setup``.
"""
