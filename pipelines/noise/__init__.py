"""Noise that is learned: after a run, versions are compared with those before, off the path of pages.

:mod:`pipelines.noise.child` is a process of its own, without tables: nothing is imported here.
"""
