"""Strategies of other tools, in and out, with a report of every loss.

Lives here: readers and writers of foreign formats, and the words those formats use. Does not live here: the language
itself, and anything that computes. How a format is added is written in README.md beside this file.
"""

from __future__ import annotations

from .exporting import Export, export
from .formats import formats
from .limits import Limits
from .loading import Import, load
from .report import Entry, Line, Note, Report

__all__ = ["Entry", "Export", "Import", "Limits", "Line", "Note", "Report", "export", "formats", "load"]
